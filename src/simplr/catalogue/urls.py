from django.urls import path

from simplr.catalogue import views

app_name = "catalogue"
urlpatterns = [path("find", views.find, name="find")]
