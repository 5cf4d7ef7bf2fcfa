-- The outbox holds the numbers the record does not. Only the sender reads them whole, and whoever gives a reason.
INSERT INTO access.personal_column (place, name, kind, keys, purpose) VALUES
    ('messaging.outbox', 'phone', 'phone', NULL, '短信、电话通知 to send a text or to call'),
    ('messaging.outbox', 'said', 'words', NULL, '短信、电话内容 what is told');
