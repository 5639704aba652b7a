"""The WSGI application that gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application

from simplr.base.without_pandas import do_without_pandas

do_without_pandas()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "simplr.config.settings")

application = get_wsgi_application()
