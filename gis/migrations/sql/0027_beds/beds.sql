-- How many patients a hospital can still take: where the injured go follows from it.
ALTER TABLE layers.protection_target
    ADD COLUMN beds integer CHECK (beds >= 0),
    ADD COLUMN beds_free integer CHECK (beds_free >= 0 AND beds_free <= beds);
COMMENT ON COLUMN layers.protection_target.beds IS '床位数（医院） Beds of a hospital; empty for everything else and where nobody said';
COMMENT ON COLUMN layers.protection_target.beds_free IS '空余床位（医院） Beds free now, as of the row; empty where nobody said';
