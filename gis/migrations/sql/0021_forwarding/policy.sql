-- A row of policy may say by when a report of another level is passed on.

ALTER TABLE reporting.policy DROP CONSTRAINT policy_kind_check;
ALTER TABLE reporting.policy ADD CONSTRAINT policy_kind_check
    CHECK (kind IN ('first', 'forward', 'follow_up', 'supplement'));
COMMENT ON COLUMN reporting.policy.kind IS '首报、转报、续报或补报期 first (from 接报), forward (from 接报 where another level told us), follow_up (from changed casualties), supplement (from the accident)';
