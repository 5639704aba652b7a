"""Where the installation is put together: environment, settings, urls, placement of tables."""
