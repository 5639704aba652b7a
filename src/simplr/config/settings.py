"""The one settings module. It reads one typed `Env`; defaults are safe for production."""

from __future__ import annotations

from typing import Any

from csp.constants import NONCE, NONE, SELF
from django.utils.translation import gettext_lazy as _

from simplr.config.env import DatabaseAddress, read_env
from simplr.config.placement import search_path_of

ENV = read_env()

DEBUG = ENV.debug
SECRET_KEY = ENV.secret_key
ALLOWED_HOSTS = list(ENV.allowed_hosts)
BASE_URL = ENV.base_url
IS_SECURE = BASE_URL.startswith("https://")
IS_TEST = ENV.environment == "test"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "simplr.accounts",  # before allauth, whose templates it replaces
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "csp",
    "oauth2_provider",
    "procrastinate.contrib.django",
    "simplr.base",
    "simplr.audit",
    "simplr.vault",
    "simplr.licensing",
    "simplr.access",
    "simplr.projects",
    "simplr.resources",
    "simplr.datasets",
    "simplr.sharing",
    "simplr.intake",
    "simplr.analysis",
    "simplr.catalogue",
    "simplr.operations",
    "simplr.api",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "simplr.base.middleware.Measured",
    "simplr.base.middleware.RequestIdentity",
    "csp.middleware.CSPMiddleware",
    "simplr.intake.middleware.SaysLater",
    "simplr.base.middleware.ErrorAnswers",
    "simplr.base.middleware.BodyRules",
    "simplr.vault.middleware.SealedStart",
    "simplr.intake.middleware.SpeaksTus",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "simplr.accounts.middleware.PersonOfSession",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "axes.middleware.AxesMiddleware",
    "simplr.access.middleware.ActorOfRequest",
]

ROOT_URLCONF = "simplr.config.urls"
WSGI_APPLICATION = "simplr.config.wsgi.application"
APPEND_SLASH = False
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "simplr.base.context.frame",
                "simplr.operations.frame_state.frame_state",
            ],
        },
    }
]


MOST_STATEMENT_SECONDS = 120
"""Who serves asks for little at once. What takes longer is a fault, and must not hold others up."""


def _database(alias: str, address: DatabaseAddress) -> dict[str, Any]:
    path = f"-c search_path={','.join(search_path_of(alias))}"
    limit = "" if ENV.as_owner else f" -c statement_timeout={MOST_STATEMENT_SECONDS}s"
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": address.name,
        "USER": address.user,
        "PASSWORD": address.password,
        "HOST": address.host,
        "PORT": address.port,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "application_name": "simplr",
            # The same path is set on the roles, so that psql and poolers find the tables too.
            "options": path + limit,
        },
    }


DATABASES = {
    alias: _database(alias, (ENV.owners if ENV.as_owner else ENV.databases)[alias])
    for alias in ENV.databases
}
DATABASE_ROUTERS = ["simplr.base.databases.PlacementRouter"]

AUTH_USER_MODEL = "accounts.Person"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "simplr.accounts.adapters.SignInBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "simplr.accounts.passwords.LengthRule"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "simplr.accounts.passwords.NotGuessable"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "account_login"

ACCOUNT_ADAPTER = "simplr.accounts.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_DISPLAY = "simplr.accounts.adapters.display_name"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_SESSION_REMEMBER = None
ACCOUNT_FORMS = {
    "login": "simplr.accounts.forms.SignInForm",
    "reset_password": "simplr.accounts.forms.ResetPasswordForm",
}
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "django.contrib.auth.tokens.PasswordResetTokenGenerator"  # noqa: S105 - the name of a class
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",
    # Axes answers the fifth failure of a name, durably; this bounds parallel tries and an address.
    "login_failed": "20/m/ip,10/5m/key",
    "open_link": "30/10m/ip,10/10m/key",
    "slowed": "20/m/key",
    "device_code": "60/10m/ip,10/10m/key",
    "device": "60/10m/ip",
    "reset_password": "20/m/ip,5/m/key",
    "reauthenticate": "10/m/user",
}
MFA_ADAPTER = "simplr.accounts.adapters.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not IS_SECURE
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_FORMS = {
    "add_webauthn": "simplr.accounts.forms.AddPasskeyForm",
    "authenticate": "simplr.accounts.forms.FactorForm",
    "reauthenticate": "simplr.accounts.forms.FactorAgainForm",
}
MFA_TOTP_ISSUER = "Simplr"
MFA_TOTP_TOLERANCE = 1  # a clock that is half a minute off; see accounts.forms.SecondFactor
ADMINISTRATORS_NEED_FACTOR = ENV.environment == "production"
MFA_ALLOW_UNVERIFIED_EMAIL = True

AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 5 / 60
AXES_LOCKOUT_PARAMETERS = ["username"]  # an institution shares one address: see login_failed
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_USERNAME_FORM_FIELD = "login"
AXES_USERNAME_CALLABLE = "simplr.accounts.adapters.throttled_name"
AXES_LOCKOUT_CALLABLE = "simplr.accounts.adapters.too_many_failures"
AXES_RESET_ON_SUCCESS = True
AXES_SENSITIVE_PARAMETERS = ["password", "login", "username", "csrfmiddlewaretoken"]
AXES_ENABLE_ACCESS_FAILURE_LOG = False
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False

SESSION_ENGINE = "simplr.accounts.sessions"
SESSION_SERIALIZER = "django.contrib.sessions.serializers.JSONSerializer"
SESSION_COOKIE_NAME = "__Host-simplr" if IS_SECURE else "simplr"
SESSION_COOKIE_SECURE = IS_SECURE
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_IDLE_SECONDS = ENV.session_idle_minutes * 60
CSRF_COOKIE_NAME = "__Host-simplr-csrf" if IS_SECURE else "simplr-csrf"
CSRF_COOKIE_SECURE = IS_SECURE
CSRF_COOKIE_SAMESITE = "Strict"
CSRF_FAILURE_VIEW = "simplr.base.errors.csrf_failure"
CSRF_TRUSTED_ORIGINS = [BASE_URL]

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31536000 if IS_SECURE else 0
X_FRAME_OPTIONS = "DENY"
if ENV.trusted_proxy:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# The address that limits count by: the proxy's word where there is one, else who is connected.
ALLAUTH_TRUSTED_PROXY_COUNT = int(ENV.trusted_proxy)

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "frame-src": [SELF],
        "form-action": [SELF],
        "manifest-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "base_cache",
        # Counters of tries and used codes live here. Django throws entries away past this many,
        # so that a stranger who tries many names would empty the counter of the one that he wants.
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

LANGUAGE_CODE = ENV.language
LANGUAGES = [("en-gb", _("English"))]
TIME_ZONE = ENV.time_zone
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = ENV.data / "static"
STORAGES = {
    "default": {"BACKEND": "simplr.base.storage.NoFileStorage"},
    "staticfiles": {
        "BACKEND": (
            "django.contrib.staticfiles.storage.StaticFilesStorage"
            if DEBUG or IS_TEST
            else "whitenoise.storage.CompressedManifestStaticFilesStorage"
        )
    },
}
WHITENOISE_USE_FINDERS = DEBUG or IS_TEST
WHITENOISE_AUTOREFRESH = DEBUG

# An uploaded body is sealed as it streams; nothing may spool it to a temporary file.
FILE_UPLOAD_HANDLERS = ["simplr.base.storage.RefusingUploadHandler"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 2**20
# A table of 2,000 fields is kept or released by one form, with up to six inputs a field; the two MiB
# above bound the work.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000

OAUTH2_PROVIDER_APPLICATION_MODEL = "access.Application"
OAUTH2_PROVIDER_ACCESS_TOKEN_MODEL = "access.AccessToken"  # noqa: S105
OAUTH2_PROVIDER_REFRESH_TOKEN_MODEL = "access.RefreshToken"  # noqa: S105
OAUTH2_PROVIDER_ID_TOKEN_MODEL = "access.IDToken"  # noqa: S105
OAUTH2_PROVIDER_GRANT_MODEL = "access.CodeGrant"
OAUTH2_PROVIDER_DEVICE_GRANT_MODEL = "access.DeviceGrant"
OAUTH2_PROVIDER = {
    **{
        f"COMPLIANT_BCP_RFC9700_{each}": True
        for each in (
            *("ACCESS_TOKEN_TRANSPORT", "AUTHZ_RESPONSE_ISS", "IMPLICIT_GRANT", "PASSWORD_GRANT"),
            *("PKCE_METHOD", "PKCE_REQUIRED", "REDIRECT_URI_MATCHING", "REFRESH_TOKEN"),
            *("TOKEN_STORAGE",),
        )
    },
    "OAUTH2_VALIDATOR_CLASS": "simplr.access.oauth.validators.Validator",
    "ACCESS_TOKEN_GENERATOR": "simplr.access.oauth.secrets.new_access_secret",
    "REFRESH_TOKEN_GENERATOR": "simplr.access.oauth.secrets.new_renewal_secret",
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
    "OAUTH_PRE_TOKEN_VALIDATION": [],
    "OIDC_ENABLED": True,
    "OIDC_ISS_ENDPOINT": BASE_URL,
}

PROCRASTINATE_ON_APP_READY = "simplr.base.jobs.on_app_ready"
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "tasks"

EMAIL_BACKEND = "simplr.base.mail.Backend"
DEFAULT_FROM_EMAIL = "simplr@localhost"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"ecs": {"()": "simplr.base.logs.OneLine"}},
    "filters": {"quiet": {"()": "simplr.base.logs.NoSecrets"}},
    "handlers": {
        "out": {
            "class": "logging.StreamHandler",
            "formatter": "ecs",
            "filters": ["quiet"],
            "stream": "ext://sys.stderr",
        }
    },
    "root": {"handlers": ["out"], "level": "INFO"},
    "loggers": {
        "django.server": {"handlers": ["out"], "level": "WARNING", "propagate": False},
        "httpx": {"level": "WARNING"},
        "axes": {"level": "WARNING"},
        "procrastinate": {"level": "WARNING"},
    },
}

SILENCED_SYSTEM_CHECKS = [
    "security.W004",
    "security.W008",
    "security.W012",
    "security.W016",
    "axes.W006",
]
