from django.urls import path

from simplr.resources import folder_views, trash_views, views

app_name = "resources"
urlpatterns = [
    path("projects/<slug:project>", folder_views.project, name="project"),
    path("projects/<slug:project>/trash", trash_views.trash, name="trash"),
    path("places/<str:place>/acts", trash_views.several, name="acts"),
    path("places/<str:place>/folders", folder_views.make, name="folder-make"),
    path("folders/<uuid:folder>", folder_views.folder, name="folder"),
    path("folders/<uuid:folder>/edit", folder_views.edit, name="folder-edit"),
    path("resources/<uuid:resource>/edit", folder_views.edit_resource, name="resource-edit"),
    path("resources/<uuid:resource>/trash", trash_views.trash_one, name="trash-one"),
    path("files/<uuid:resource>", views.file, name="file"),
    path("resources/<uuid:resource>/content", views.content, name="content"),
    path("resources/<uuid:resource>/preview", views.preview, name="preview"),
    path("resources/<uuid:resource>/text", views.text, name="text"),
]
