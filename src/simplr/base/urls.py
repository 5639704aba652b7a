"""Pages of the frame itself."""

from django.urls import path

from simplr.base import views

app_name = "base"
urlpatterns = [
    path("styleguide", views.styleguide, name="styleguide"),
    path("client/<str:name>", views.client_file, name="client"),
]
