# What there is: lists, ids and schemas.

UUID <- "^[0-9a-fA-F]{8}-?([0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}$"

simplr_list <- function(con, q = NULL, kind = NULL, project = NULL) {
  found <- if (is.null(project)) {
    items(con, "/resources", list(q = q, kind = kind))
  } else {
    items(con, paste0("/projects/", segment(project), "/resources"))
  }
  data.table::data.table(
    id = texts_of(found, "id"), title = texts_of(found, "title"), kind = texts_of(found, "kind"),
    rows = numbers_of(found, "row_count"), size = numbers_of(found, "size"),
    version = numbers_of(found, "version_number"), project = texts_of(found, "project_title"),
    classification = texts_of(found, "classification")
  )
}

simplr_schema <- function(con, dataset, release = NULL, version = NULL) {
  fields <- described(con, dataset, release, version)$fields
  data.table::data.table(
    name = texts_of(fields, "name"), title = texts_of(fields, "title"),
    type = texts_of(fields, "type"), r_class = texts_of(fields, "r_class"),
    meaning = texts_of(fields, "meaning"), personal = texts_of(fields, "personal"),
    mask = texts_of(fields, "mask")
  )
}

texts_of <- function(records, name) {
  vapply(records, function(one) as.character(one[[name]] %||% NA), "")
}

numbers_of <- function(records, name) {
  vapply(records, function(one) as.numeric(one[[name]] %||% NA), 0)
}

# The resource with this id, or with exactly this title.
resource_of <- function(con, resource) {
  path <- segment(resource)
  if (grepl(UUID, resource)) return(ask(con, "GET", paste0("/resources/", path)))
  one_called(items(con, "/resources", list(q = resource)), resource, "resource")
}

one_called <- function(found, title, what) {
  same <- Filter(function(one) tolower(one$title) == tolower(title), found)
  if (length(same) == 0) {
    fail("not-found", paste0("There is no ", what, " \u201c", title, "\u201d that you may know of."))
  }
  if (length(same) > 1) {
    fail("title-ambiguous", paste0(
      length(same), " are called \u201c", title, "\u201d. Say which by id: ",
      paste(texts_of(same, "id"), collapse = ", "), "."
    ), kind = "conflict")
  }
  same[[1]]
}

# The data set as its reader may see it: its fields, its version, its release.
described <- function(con, dataset, release, version) {
  id <- if (grepl(UUID, segment(dataset))) dataset else resource_of(con, dataset)$id
  path <- paste0("/datasets/", segment(id))
  if (!is.null(release) && !grepl(UUID, release)) {
    release <- one_called(items(con, paste0(path, "/releases")), release, "release")$id
  }
  ask(con, "GET", path, list(release = release, version = version))
}
