"""The WSGI application that gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from simplr.base.without_pandas import do_without_pandas

do_without_pandas()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "simplr.config.settings")

application = get_wsgi_application()
# All pages and endpoints, before gunicorn forks: each process would take a second for them when its
# first caller waits, and memory of its own.
_ = get_resolver().url_patterns
