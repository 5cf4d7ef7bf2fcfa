"""Who goes where while the cloud moves? Closures, rescue routes, teams and leaving, as the record holds them."""
