"""
Settings of the site: one file, driven by the environment (`.env.example` lists every variable).

With DJANGO_DEBUG=1 everything has a development default. Without it, missing or development secrets stop the start.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from marketplace.api_description import API_DESCRIPTION
from marketplace.environment import Environment
from marketplace.logs import configure_logs

BASE_DIR = Path(__file__).resolve().parent.parent
env = Environment()
if (BASE_DIR / ".env").is_file():
    env.read_env(str(BASE_DIR / ".env"))

env.debug = DEBUG = env.bool("DJANGO_DEBUG", default=False)
DEVELOPMENT_SECRET = "development-only-secret-that-production-refuses"  # noqa: S105
DEVELOPMENT_FIELD_KEY = "dev:ZGV2ZWxvcG1lbnQtb25seS1maWVsZC1rZXktMzJieXQ="
DEVELOPMENT_HASH_KEY = "dev:ZGV2ZWxvcG1lbnQtb25seS1oYXNoLWtleS1vZi0zMmJ5dGU="
DEVELOPMENT_WEBHOOK_SECRET = "whsec_development_only"  # noqa: S105
SECRET_KEY = env.secret("DJANGO_SECRET_KEY", DEVELOPMENT_SECRET)
FIELD_ENCRYPTION_KEYS = env.secret("FIELD_ENCRYPTION_KEYS", DEVELOPMENT_FIELD_KEY).split(",")
CERTIFICATE_KEYS, CERTIFICATE_PUBLIC_KEYS = env.certificate_keys()
IDENTIFIER_HASH_KEYS = env.secret("IDENTIFIER_HASH_KEYS", DEVELOPMENT_HASH_KEY).split(",")
DATA_DIR = Path(env.str("PRECEPTOR_DATA_DIR", default=str(BASE_DIR / ".local" / "data")))
SITE_URL = env.str("SITE_URL", default="http://127.0.0.1:8000" if DEBUG else "").rstrip("/")
if not DEBUG and not SITE_URL.startswith("https://"):
    raise ImproperlyConfigured("SITE_URL must be the https address of the site in production.")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]", "testserver"] if DEBUG else [])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[SITE_URL] if SITE_URL else [])
COMMIT = env.str("PRECEPTOR_COMMIT", default="")

ROOMS = [
    "marketplace.accounts",
    "marketplace.audit",
    "marketplace.notices",
    "marketplace.support",
    "experts.profiles",
    "experts.registries",
    "experts.credentials",
    "experts.resumes",
    "experts.duplicates",
    "experts.assessments",
    "experts.vetting",
    "payments.ledger",
    "payments.gateway",
    "payments.funding",
    "payments.payouts",
    "payments.reports",
    "projects.labs",
    "projects.listings",
    "projects.reach",
    "projects.hiring",
    "projects.work",
    "projects.hours",
    "projects.delivery",
    "projects.standing",
    "marketplace.pages",
    "marketplace.privacy",
]
INSTALLED_APPS = [
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.usersessions",
    "axes",
    "csp",
    "django_cotton.apps.SimpleAppConfig",
    "django_htmx",
    "django_structlog",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "rest_framework",
    "template_partials.apps.SimpleAppConfig",
    *ROOMS,
    "marketplace.demo",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "marketplace.kernel.http.RequestLogMiddleware",
    "marketplace.pages.middleware.PolicyMiddleware",
    "marketplace.pages.middleware.SecurityHeadersMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "marketplace.accounts.middleware.SecondFactorMiddleware",
    "marketplace.support.middleware.ImpersonationMiddleware",
    "marketplace.accounts.middleware.TimeZoneMiddleware",
    "marketplace.kernel.http.RefusalMiddleware",
    "marketplace.kernel.api.BodyLimitMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "marketplace.urls"
WSGI_APPLICATION = "marketplace.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    [
                        (
                            "django.template.loaders.cached.Loader",
                            [
                                "django_cotton.cotton_loader.Loader",
                                "django.template.loaders.filesystem.Loader",
                                "django.template.loaders.app_directories.Loader",
                            ],
                        )
                    ],
                )
            ],
            "builtins": [
                "django_cotton.templatetags.cotton",
                "template_partials.templatetags.partials",
                "django.templatetags.i18n",
                "marketplace.pages.templatetags.ui",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "marketplace.pages.context.shell",
                "marketplace.demo.context.demonstration",
            ],
        },
    }
]

env.own("DATABASE_URL", made_from="POSTGRES_PASSWORD")
DATABASES = {"default": env.db_url("DATABASE_URL", default="postgres://preceptor@127.0.0.1:5432/preceptor")}
DATABASES["default"] |= {
    "ENGINE": "django.db.backends.postgresql",
    "CONN_MAX_AGE": env.int("CONN_MAX_AGE", default=60),
    "CONN_HEALTH_CHECKS": True,
    "ATOMIC_REQUESTS": False,
    "OPTIONS": {
        "options": "-c statement_timeout=15000 -c lock_timeout=5000 -c idle_in_transaction_session_timeout=30000"
        " -c hnsw.iterative_scan=relaxed_order",  # go on until enough of the nearest gigs are open ones
        "connect_timeout": 5,
    },
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Rate limits live here. Postgres, not Redis: a flushed or frozen Redis must never reach the web (safety C).
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "django_cache"}}

# -- people ------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "marketplace.notices.adapter.AccountAdapter"
ACCOUNT_FORMS = {"signup": "marketplace.accounts.forms.SignupForm"}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_CONFIRM_EMAIL_ON_GET = False
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
# Guessing is stopped for the pair of e-mail and address (axes, below), so that nobody locks out anybody else. These two
# bound what one address tries with many e-mails, and what many addresses, or one second factor's code, try with one.
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,60/h/key"}
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_NOTIFICATIONS = True  # a new password, a second factor that came or went: the person is told
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "http" if DEBUG else "https"
MFA_ADAPTER = "marketplace.accounts.adapter.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Preceptor"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEBUG
USERSESSIONS_TRACK_ACTIVITY = False  # it would write a row on every request; sign-ins are listed all the same
SOCIALACCOUNT_ENABLED = True
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_CLIENT_IP_CALLABLE = "marketplace.kernel.http.client_address"
AXES_USERNAME_CALLABLE = "marketplace.accounts.queries.email_of_attempt"
AXES_LOCKOUT_CALLABLE = "marketplace.pages.errors.locked_out"
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # it ends when the page said it would
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

# -- requests ----------------------------------------------------------------------------------------------
TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0 if DEBUG else 1)
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 14
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "marketplace.pages.errors.csrf_failure"
if not DEBUG:
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 63_072_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# Forms that end at Stripe's own pages: browsers check the target of the redirect too.
STRIPE_PAGES = ["https://checkout.stripe.com", "https://connect.stripe.com"]
STRIPE_SIMULATOR_URL = env.str("STRIPE_SIMULATOR_URL", default="http://127.0.0.1:8010")
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "form-action": ["'self'", *([STRIPE_SIMULATOR_URL] if DEBUG else STRIPE_PAGES)],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    },
}
UNFOLD = {
    "SITE_TITLE": "Preceptor",
    "SITE_HEADER": "Preceptor",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": lambda _request: FAVICON}],
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

# -- files -------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
FAVICON = "/static/img/favicon.svg"  # for the pages that others wrote; ours name it themselves
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_AUTOREFRESH = DEBUG
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(DATA_DIR / "files")},
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
MEDIA_ROOT = DATA_DIR / "files"
MEDIA_URL = ""  # Private: files are served only by views that ask for permission.

# -- words and time ----------------------------------------------------------------------------------------
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English")]

# -- e-mail ------------------------------------------------------------------------------------------------
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Preceptor <no-reply@preceptor.example>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
SECURITY_CONTACT = env.str("SECURITY_CONTACT", default="security@preceptor.example")
# Development keeps every e-mail as a row that /dev/emails shows; nothing leaves the machine.
env.own("EMAIL_URL")
EMAIL_CONFIG = env.email_url("EMAIL_URL", default="dummymail://" if DEBUG else "smtp://localhost:25")
vars().update(EMAIL_CONFIG)

# -- API ---------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "projects.labs.authentication.ApiKeyAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["marketplace.kernel.access.NobodyUnlessSaid"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_PAGINATION_CLASS": "marketplace.kernel.api.KeysetPagination",
    "DEFAULT_SCHEMA_CLASS": "marketplace.kernel.openapi.DescribedSchema",
    "EXCEPTION_HANDLER": "marketplace.kernel.api.problem_handler",
    "DEFAULT_THROTTLE_CLASSES": ["marketplace.kernel.access.ActorRateThrottle"],
    "DEFAULT_THROTTLE_RATES": {"actor": env.str("API_RATE", default="600/min")},
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "COERCE_DECIMAL_TO_STRING": True,
}
SPECTACULAR_SETTINGS = API_DESCRIPTION | {"SWAGGER_UI_FAVICON_HREF": FAVICON}

# -- Stripe ------------------------------------------------------------------------------------------------
STRIPE_SECRET_KEY = env.own("STRIPE_SECRET_KEY")
STRIPE_WEBHOOK_SECRET = env.secret("STRIPE_WEBHOOK_SECRET", DEVELOPMENT_WEBHOOK_SECRET)
# In development one secret may sign for all three endpoints; in production each has its own.
_webhook_default = STRIPE_WEBHOOK_SECRET if DEBUG else DEVELOPMENT_WEBHOOK_SECRET
STRIPE_CONNECT_WEBHOOK_SECRET = env.secret("STRIPE_CONNECT_WEBHOOK_SECRET", _webhook_default)
STRIPE_THIN_WEBHOOK_SECRET = env.secret("STRIPE_THIN_WEBHOOK_SECRET", _webhook_default)
STRIPE_API_BASE = "https://api.stripe.com" if STRIPE_SECRET_KEY else STRIPE_SIMULATOR_URL
STRIPE_SIMULATOR_DB = env.str("STRIPE_SIMULATOR_DB", default=str(DATA_DIR / "stripe-simulator.sqlite3"))
if not DEBUG and not STRIPE_SECRET_KEY:
    raise ImproperlyConfigured("STRIPE_SECRET_KEY is missing. The local stand-in runs in development only.")
if not DEBUG and STRIPE_SECRET_KEY.startswith("sk_test_local"):
    raise ImproperlyConfigured("STRIPE_SECRET_KEY is the stand-in's key. Production needs a key from Stripe.")

# -- Celery: the measured reasons are in docs/decisions/0003-the-row-is-the-queue.md -------------------------
REDIS_URL = env.own("REDIS_URL", default="redis://127.0.0.1:6379/0", made_from="REDIS_PASSWORD")
CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 900,
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 1,
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
    "socket_keepalive": True,
    "health_check_interval": 25,
    "retry_on_timeout": True,
}
CELERY_VISIBILITY_TIMEOUT = 900
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 2, "interval_start": 0, "interval_step": 0.2, "interval_max": 0.5}
CELERY_TASK_SERIALIZER = CELERY_RESULT_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_ACKS_ON_TIMEOUT = True
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_TASK_TIME_LIMIT = 300
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 30
CELERY_WORKER_ENABLE_SOFT_SHUTDOWN_ON_IDLE = True
CELERY_WORKER_MAX_TASKS_PER_CHILD = 500
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 400_000
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_IGNORE_RESULT = True
CELERY_TIMEZONE = "UTC"
CELERY_TASK_DEFAULT_QUEUE = "default"
_people = ["vetting", "credentials", "resumes", "assessments"]
_queues = {"money": ["funding", "payouts", "ledger"], "hooks": ["gateway"], "vetting": _people}
CELERY_TASK_ROUTES = {f"{area}.*": {"queue": queue} for queue, areas in _queues.items() for area in areas}
CELERY_BEAT_SCHEDULE = {"sweep": {"task": "pages.sweep", "schedule": 20.0 if DEBUG else 60.0}}

# -- vetting -----------------------------------------------------------------------------------------------
CONFIRMATION_DAYS = env.int("CONFIRMATION_DAYS", default=365)  # how long a credential stays confirmed by staff
SANCTIONS_THRESHOLD = env.int("SANCTIONS_THRESHOLD", default=85)  # 0 to 100; from this score a person compares
SANCTIONS_LIST_REQUIRED = env.bool("SANCTIONS_LIST_REQUIRED", default=False)  # no list, no pay run

# -- search ------------------------------------------------------------------------------------------------
SEARCH_BY_MEANING = env.bool("SEARCH_BY_MEANING", default=True)  # off saves 120 MB in each process that searches

# -- privacy -----------------------------------------------------------------------------------------------
# Who was erased, outside of the database: `manage.py reapply_erasures` reads it after a restore. Keep it on another disk.
ERASURE_LIST = env.str("ERASURE_LIST", default=str(DATA_DIR / "erasures.jsonl") if DEBUG else "")
ERASURE_COOLING_DAYS = env.int("ERASURE_COOLING_DAYS", default=14)
RETENTION_YEARS = env.int("RETENTION_YEARS", default=10)  # after the year of the last payout, for tax and booking law

# -- logs and figures --------------------------------------------------------------------------------------
LOGGING = configure_logs(as_json=env.bool("LOG_JSON", default=not DEBUG), level=env.str("LOG_LEVEL", default="INFO"))
DJANGO_STRUCTLOG_CELERY_ENABLED = True
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")  # without one, /metrics is not there
