from django.urls import path

from simplr.projects import views

app_name = "projects"
urlpatterns = [
    path("projects", views.list_, name="list"),
    path("projects/make", views.make, name="make"),
    path("projects/<slug:project>/edit", views.edit, name="edit"),
    path("projects/<slug:project>/people", views.members, name="members"),
    path(
        "projects/<slug:project>/people/<uuid:person>/role", views.member_role, name="member-role"
    ),
    path(
        "projects/<slug:project>/people/<uuid:person>/remove",
        views.member_remove,
        name="member-remove",
    ),
]
