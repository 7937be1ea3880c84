"""How the API describes itself: what drf-spectacular is told. Nothing here depends on the environment."""

from __future__ import annotations

from typing import Any, Final

API_DESCRIPTION: Final[dict[str, Any]] = {
    "TITLE": "Preceptor API",
    "DESCRIPTION": "Projects, batches, tasks, submissions and exports of a lab; an expert's own gigs, hours and pay.",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "validatorUrl": None, "defaultModelsExpandDepth": -1},
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "marketplace.kernel.openapi.describe_problems",
    ],
    "ENUM_NAME_OVERRIDES": {
        f"{name}Enum": f"{area}.enums.{name}"
        for area, names in {
            "experts.credentials": ["CredentialKind", "DocumentState", "LadderStep"],
            "experts.profiles": ["LanguageLevel"],
            "projects.delivery": ["ExportFormat", "ExportState"],
            "projects.listings": ["ProjectState", "TaskKind"],
            "projects.work": ["AssignmentState", "BatchState", "TaskState"],
        }.items()
        for name in names
    },
}
