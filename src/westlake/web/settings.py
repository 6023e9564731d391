"""Django's settings, made from the workspace: safe for production as they stand.

WESTLAKE_WORKSPACE names the workspace's folder; without it, the one around the working folder is served.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONE, SELF

from westlake.web.logins import logins_database
from westlake.web.serving import read_serving
from westlake.workspace import Workspace

WORKSPACE = Workspace.find(Path(os.environ.get("WESTLAKE_WORKSPACE", ".")))
SERVING = read_serving(WORKSPACE.folder)


def _secret_key(path: Path) -> str:
    """The key that signs sessions: made once, readable by its owner only."""
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(64))
    except FileExistsError:
        pass
    return path.read_text("utf-8")


SECRET_KEY = os.environ.get("WESTLAKE_WEB_KEY") or _secret_key(WORKSPACE.folder / "logins.key")
DEBUG = False
ALLOWED_HOSTS = SERVING.allowed
ROOT_URLCONF = "westlake.web.routes"
WSGI_APPLICATION = "westlake.web.wsgi.application"
AUTH_USER_MODEL = "people.Login"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {"default": logins_database(WORKSPACE)}

INSTALLED_APPS = [
    "westlake.web.apps.People",
    "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "django.contrib.messages",
    "django.contrib.staticfiles", "django.contrib.humanize",
    "allauth", "allauth.account", "allauth.mfa", "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "axes", "csp", "django_htmx", "django_tasks_db",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "westlake.web.middleware.AtTheOffice",
    "django.middleware.csrf.CsrfViewMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "westlake.web.middleware.Guarded",
    "axes.middleware.AxesMiddleware",
    *(["westlake.web.demo.PrintsCodes"] if SERVING.demo else []),
]
TEMPLATES = [{
    "BACKEND": "django.template.backends.django.DjangoTemplates",
    "DIRS": [Path(__file__).parent / "templates"],
    "APP_DIRS": True,
    "OPTIONS": {
        "context_processors": ["django.template.context_processors.request",
                               "django.contrib.auth.context_processors.auth",
                               "django.contrib.messages.context_processors.messages",
                               "westlake.web.frame.frame"],
        "builtins": ["westlake.web.templatetags.westlake", "django.templatetags.static"],
    },
}]

# Words and days
LANGUAGES = [("en", "English"), ("ko", "한국어"), ("zh-hans", "中文")]
LANGUAGE_CODE = "en"
USE_I18N = USE_TZ = True
TIME_ZONE = WORKSPACE.settings.zone

# What lies in the package is served as it lies there: nothing is collected first
STATIC_URL = "/static/"
STORAGES = {"default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
            "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_MAX_AGE = 300

# Passwords, sessions, cookies
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
SESSION_COOKIE_NAME = "westlake_session"
SESSION_COOKIE_AGE = 8 * 3600
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"  # Strict would lose the way back from the city's sign-on
CSRF_COOKIE_NAME = "westlake_csrf"
CSRF_FAILURE_VIEW = "westlake.web.trouble.form_expired"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = SERVING.secure
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]  # asked from this machine itself
CSRF_TRUSTED_ORIGINS = ["{0.scheme}://{0.netloc}".format(urlsplit(SERVING.url))]
if SERVING.secure:
    SECURE_HSTS_SECONDS = 365 * 86_400
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True
if SERVING.proxy:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
_SIGN_ON = ["{0.scheme}://{0.netloc}".format(urlsplit(SERVING.oidc_server))] if SERVING.oidc_server else []
CONTENT_SECURITY_POLICY = {"DIRECTIVES": {
    "default-src": [NONE], "script-src": [SELF], "style-src": [SELF], "img-src": [SELF, "data:"], "font-src": [SELF],
    "connect-src": [SELF], "manifest-src": [SELF], "frame-ancestors": [NONE], "object-src": [NONE],
    "base-uri": [NONE], "form-action": [SELF, *_SIGN_ON],
}}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 2**20  # of a form without its files
FILE_UPLOAD_MAX_MEMORY_SIZE = 2**20  # beyond it a file waits on the disk
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
DATA_UPLOAD_MAX_NUMBER_FILES = 20
UPLOAD_MAX = SERVING.upload_mb * 2**20  # bytes of a whole request

# Log-in
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = LOGOUT_REDIRECT_URL = "/"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend",
                           "allauth.account.auth_backends.AuthenticationBackend"]
ACCOUNT_ADAPTER = "westlake.web.persons.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_CHANGE_EMAIL = True  # one address: the new one replaces the old once it is verified
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_DEFAULT_HTTP_PROTOCOL = urlsplit(SERVING.url).scheme
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = False
# Wrong second-factor codes: of one address, and of one account, wherever they come from. Whoever sends them knows the
# password already.
ACCOUNT_RATE_LIMITS = {"login_failed": "30/m/ip,5/300s/key"}
# Wrong passwords: anybody can send them, so an account takes far more before it shuts for everybody (persons.py); axes
# locks an account's wrong passwords of one address after a few
PASSWORD_TRIES = "30/m/ip,50/h/key"
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_LOGIN_ON_GET = False
SOCIALACCOUNT_ONLY = False
SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "EMAIL_AUTHENTICATION": True, "APPS": [{
    "provider_id": "city", "name": SERVING.oidc_name or "OIDC", "client_id": SERVING.oidc_client,
    "secret": SERVING.oidc_secret, "settings": {"server_url": SERVING.oidc_server},
}] if SERVING.oidc_server else []}}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_FORMS = {"add_webauthn": "westlake.web.keys.AddKey"}
MFA_TOTP_ISSUER = "Westlake"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not SERVING.secure
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_CALLABLE = "westlake.web.persons.email_tried"
AXES_LOCKOUT_CALLABLE = "westlake.web.trouble.locked_out"
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
AXES_DISABLE_ACCESS_LOG = True  # who logged in from where is not kept: nobody needs it
AXES_ENABLE_ADMIN = False

# Mail and jobs
EMAIL_BACKEND = "westlake.web.mailer.Mailer"
DEFAULT_FROM_EMAIL = SERVER_EMAIL = SERVING.mail_from
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

LOGGING = {
    "version": 1, "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"},
                 "trouble": {"class": "logging.StreamHandler", "formatter": "line", "level": "WARNING"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {"westlake": {"level": "INFO"}, "django.request": {"level": "ERROR"}, "axes": {"level": "ERROR"},
                "waitress.queue": {"level": "ERROR"},
                # the worker sets the level of its own loggers, and would tell of each of its rounds
                "django_tasks": {"handlers": ["trouble"], "propagate": False},
                "django_tasks_db": {"handlers": ["trouble"], "propagate": False}},
}
