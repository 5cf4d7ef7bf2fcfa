"""Where the gas, the heat and the blast go: pure functions, no SQL, no network, no clock."""
