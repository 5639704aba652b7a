"""Starts and watches everything: PostgreSQL, key agent, web, worker. One supervisor, one folder.

Knows the data folder, the accounts, the processes and the roles of the databases. Knows nothing of
what the institute keeps, and imports no Django: it runs before the databases exist. The parts:

    folder        where an installation's data lies, and who may read what in it
    account       whom root drops the services to
    reach         letting that account reach code that lies under a closed home
    processes     children that die with their parent
    postgres      one PostgreSQL cluster; `databases` its roles, databases and extensions
    environment   the settings that the services are given
    services      what is started, in which order, and how it is seen to be ready
    supervisor    starts, restarts, stops
    detached      the supervisor as a process of its own
    control       what another process may ask of a running supervisor
    rebuild       everything from nothing, for demonstration and tests
"""
