# Sending a file: by tus 1.0, so that a break costs the piece that was on the line and no more.
# Where an upload stands is asked of the installation, never assumed. Which upload a file was begun
# as is kept in the user's cache, so that the same call, made again, goes on.

SENT_AT_ONCE <- 16L * 1024L * 1024L
SEND_TRIES <- 6L
TUS <- list("Tus-Resumable" = "1.0.0")

simplr_put <- function(con, path, project, name = basename(path), title = NULL,
                       as = c("auto", "table", "file"), resource = NULL, folder = NULL,
                       mode = NULL, key = NULL, widen = FALSE, overrides = list(),
                       progress = interactive()) {
  as <- match.arg(as)
  if (!file.exists(path) || dir.exists(path)) {
    fail("source-unreadable", paste0(path, " is no file that can be read."), kind = "invalid")
  }
  digest <- local({
    source <- file(path, "rb")
    on.exit(close(source))
    as.character(openssl::sha256(source))
  })
  words <- c(name = name, as = as, sha256 = digest, resource = resource, folder = folder)
  upload <- send_all(con, path, project, words, teller(progress, name))
  upload <- tryCatch(
    kept(con, upload, list(fields = overrides, title = title, mode = mode, key = key, widen = widen)),
    interrupt = function(e) give_up(con, upload, e), error = function(e) give_up(con, upload, e)
  )
  resource_of(con, upload$resource)
}

send_all <- function(con, path, project, words, tell) {
  size <- file.size(path)
  note <- note_of(con, project, words, size)
  begun <- earlier(con, note)
  upload <- begun$id
  offset <- begun$offset
  if (is.null(upload)) {
    encoded <- vapply(words, function(word) openssl::base64_encode(charToRaw(enc2utf8(word))), "")
    headers <- c(TUS, list(
      "Upload-Length" = sprintf("%.0f", size),
      "Upload-Metadata" = paste(names(words), encoded, collapse = ",")
    ))
    upload <- ask(con, "POST", paste0("/projects/", segment(project), "/tus"), headers = headers)$id
    offset <- 0
    writeLines(upload, note)
  }
  source <- file(path, "rb")
  on.exit(close(source))
  failures <- 0L
  while (offset < size) {
    sent <- tryCatch(
      append_piece(con, upload, source, offset), simplr_unavailable = identity,
      simplr_offset_differs = identity, simplr_fault = identity
    )
    if (inherits(sent, "condition")) {
      failures <- failures + 1L
      if (failures >= SEND_TRIES) stop(sent)
      Sys.sleep(min(30, 0.25 * 2^failures))
      sent <- tryCatch(arrived(con, upload), simplr_unavailable = function(e) offset)
    }
    if (sent > offset) failures <- 0L
    offset <- sent
    tell(offset, size)
  }
  unlink(note)
  ask(con, "GET", paste0("/uploads/", segment(upload)))
}

append_piece <- function(con, upload, source, offset) {
  seek(source, offset, origin = "start")
  piece <- readBin(source, raw(), SENT_AT_ONCE)
  if (length(piece) == 0) {
    fail("source-changed", "The file became shorter meanwhile. Send it again.", kind = "conflict")
  }
  headers <- c(TUS, list("Upload-Offset" = sprintf("%.0f", offset)))
  answer <- send(con, "PATCH", paste0("/tus/", segment(upload)),
    headers = headers,
    bytes = function(request) {
      httr2::req_body_raw(request, piece, type = "application/offset+octet-stream")
    }
  )
  offset_in(answer)
}

arrived <- function(con, upload) {
  offset_in(send(con, "HEAD", paste0("/tus/", segment(upload)), headers = TUS))
}

offset_in <- function(answer) {
  said <- answer$headers[["upload-offset"]] %||% ""
  if (!grepl("^[0-9]+$", said)) fail("not-simplr", "The answer does not say how much has arrived.")
  as.numeric(said)
}

# Where the id of an upload is noted, by what is sent and where.
note_of <- function(con, project, words, size) {
  folder <- tools::R_user_dir("simplr", "cache")
  dir.create(folder, recursive = TRUE, showWarnings = FALSE, mode = "0700")
  if (!dir.exists(folder)) folder <- tempdir()
  facts <- paste(c(con$url, project, names(words), words, sprintf("%.0f", size)), collapse = "\n")
  file.path(folder, as.character(openssl::sha256(enc2utf8(facts))))
}

# An upload that an earlier run began, and how much of it has arrived.
earlier <- function(con, note) {
  if (!file.exists(note)) return(NULL)
  id <- readLines(note, n = 1, warn = FALSE)
  tryCatch(
    list(id = id, offset = arrived(con, id)),
    simplr_not_found = function(e) NULL, simplr_invalid = function(e) NULL
  )
}

# The upload when it is kept; the installation understands it first.
kept <- function(con, upload, wishes) {
  upload <- waited(con, upload)
  if (upload$state != "understood") return(upload)
  body <- Filter(Negate(is.null), wishes)
  if (!isTRUE(body$widen)) body$widen <- NULL
  if (!is.null(body$key)) body$key <- as.list(body$key)
  path <- paste0("/uploads/", segment(upload$id))
  waited(con, ask(con, "POST", paste0(path, "/keep"), body = body))
}

waited <- function(con, upload) {
  pause <- 0.05
  while (upload$state %in% c("receiving", "received", "understanding", "keeping")) {
    Sys.sleep(pause)
    pause <- min(pause * 1.5, 1)
    upload <- ask(con, "GET", paste0("/uploads/", segment(upload$id)))
  }
  if (!is.null(upload$error) || upload$state %in% c("failed", "cancelled")) {
    fail(
      upload$error$code %||% paste0("upload-", upload$state),
      upload$error$message %||% paste0(upload$name, ": ", upload$state, "."),
      kind = "invalid", problem = upload
    )
  }
  upload
}

# Cancels what is not kept, and tells what stopped it.
give_up <- function(con, upload, cause) {
  ended <- is.list(cause$problem) && isTRUE(cause$problem$state %in% c("failed", "cancelled"))
  second <- if (!ended) {
    tryCatch(
      ask(con, "DELETE", paste0("/uploads/", segment(upload$id))),
      simplr_error = function(second) second
    )
  }
  if (inherits(cause, "interrupt")) stop("Interrupted: the upload was cancelled.", call. = FALSE)
  if (inherits(second, "condition")) {
    cause$message <- paste0(
      conditionMessage(cause), " (Nor was the upload cancelled: ", conditionMessage(second), ")"
    )
  }
  stop(cause)
}
