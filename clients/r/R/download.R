# Originals, whole or not at all. What has arrived waits beside its place under a name that holds
# the version, so that the next try, now or tomorrow, goes on by Range and never mixes versions.

simplr_download <- function(con, resource, path, version = NULL, overwrite = FALSE,
                            progress = interactive()) {
  if (dir.exists(path)) fail("is-a-folder", paste0(path, " is a folder. Give the name of a file."))
  if (file.exists(path) && !overwrite) {
    fail("file-exists", paste0(path, " exists already and was left as it is."), kind = "conflict")
  }
  found <- resource_of(con, resource)
  address <- paste0("/resources/", found$id)
  kept <- ask(con, "GET", paste0(address, "/versions/", segment(version %||% found$current_version)))
  part <- file.path(dirname(path), paste0(".", basename(path), ".", kept$id, ".part"))
  if (!file.exists(part)) {
    if (!file.create(part, showWarnings = FALSE)) {
      fail("no-folder", paste0("Nothing can be written in ", dirname(path), "."), kind = "invalid")
    }
    Sys.chmod(part, "0600")
  }
  tell <- teller(progress, basename(path))
  failures <- 0L
  while (file.size(part) < kept$size) {
    before <- file.size(part)
    broken <- tryCatch(
      fetch_on(con, paste0(address, "/content"), kept, part, tell),
      simplr_transfer_broken = identity
    )
    if (!inherits(broken, "simplr_transfer_broken")) next
    failures <- if (file.size(part) > before) 1L else failures + 1L
    if (failures >= TRIES) stop(broken)
    Sys.sleep(0.5 * failures)
  }
  if (file.size(part) > kept$size) {
    unlink(part)
    not_as_said("more bytes than the version has")
  }
  if (!file.rename(part, path)) fail("not-written", paste0(path, " cannot be written."))
  invisible(path)
}

fetch_on <- function(con, address, kept, part, tell) {
  done <- file.size(part)
  file <- file(part, "ab")
  on.exit(close(file))
  headers <- list("Accept-Encoding" = "identity")
  if (done > 0) headers$Range <- sprintf("bytes=%.0f-", done)
  stream(con, address, list(version = kept$id), headers,
    begun = function(answer) {
      expected <- if (done > 0) 206L else 200L
      if (answer$status != expected) not_as_said(paste("status", answer$status))
      if (done > 0 && !startsWith(answer$headers[["content-range"]] %||% "", sprintf("bytes %.0f-", done))) {
        not_as_said("another range")
      }
    },
    take = function(bytes) {
      writeBin(bytes, file)
      done <<- done + length(bytes)
      tell(done, kept$size)
    }
  )
}
