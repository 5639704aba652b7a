# From linear TSV to columns. A line end always ends a row, so a stream may be cut at any of them
# and each part be parsed while the next one arrives. Nothing is guessed: the schema says the types.

TEXTS <- c("text", "category")
FREAD_CLASS <- c(
  text = "character", category = "character", time = "character", boolean = "logical",
  date = "IDate", datetime = "POSIXct"
)

# The rows of `pieces` of bytes, the first of which is the line of names, as a list of columns.
# `fread` takes a file or a text, and making a text of so many bytes costs R more than parsing them:
# where the system has a folder in memory (Linux), they stand there for as long as they are parsed.
parse_rows <- function(pieces, text, types) {
  classes <- FREAD_CLASS[types]
  known <- which(!is.na(classes))
  source <- if (is.null(text)) {
    list(text = rawToChar(do.call(c, pieces)))
  } else {
    on.exit(write_pieces(list(), text))
    write_pieces(pieces, text)
    list(file = text)
  }
  read <- function() {
    do.call(data.table::fread, c(source, list(
      sep = "\t", quote = "", header = TRUE,
      na.strings = "\\N", strip.white = FALSE, blank.lines.skip = FALSE, fill = FALSE,
      encoding = "UTF-8", dec = ".", tz = "UTC",
      colClasses = if (length(known) > 0) split(known, classes[known]),
      integer64 = if (has_bit64()) "integer64" else "character", showProgress = FALSE,
      logical01 = FALSE, check.names = FALSE
    )))
  }
  # A table of other columns than the schema, or a line that is none, is an error, not a guess.
  rows <- tryCatch(read(), warning = function(w) not_as_said(conditionMessage(w)),
                   error = function(e) not_as_said(conditionMessage(e)))
  if (ncol(rows) != length(types)) not_as_said("another number of columns")
  Map(column, rows, types)
}

write_pieces <- function(pieces, path) {
  file <- file(path, "wb")
  on.exit(close(file))
  for (piece in pieces) writeBin(piece, file)
}

# A new file in memory that its owner alone may read; NULL where there is no such place.
room_for_text <- function(folder = "/dev/shm") {
  if (file.access(folder, 2) != 0) return(NULL)
  before <- Sys.umask("0077")
  on.exit(Sys.umask(before))
  path <- tempfile("simplr-", tmpdir = folder)
  if (file.create(path, showWarnings = FALSE)) path
}

not_as_said <- function(reason) {
  fail("transfer-broken", paste0(
    "What arrived is not what the schema says. Ask again. (", reason, ")"
  ), kind = "corrupt")
}

has_bit64 <- function() requireNamespace("bit64", quietly = TRUE)

# A column as its type says; where `fread` took a type by the values, the type decides again.
column <- function(values, type) {
  all_missing <- is.logical(values) && type != "boolean"
  if (type %in% TEXTS) {
    return(unescaped(values))
  }
  switch(type,
    integer = if (all_missing) {
      as.integer(values)
    } else {
      expect(values, c("integer", "integer64", "character"), type)
    },
    decimal = if (all_missing) as.numeric(values) else expect(values, "numeric", type),
    boolean = expect(values, "logical", type),
    date = day(expect(values, "IDate", type)),
    datetime = expect(values, "POSIXct", type),
    expect(values, "character", type)
  )
}

expect <- function(values, classes, type) {
  if (!class(values)[1] %in% classes) not_as_said(paste("values of the type", type))
  values
}

day <- function(values) {
  data.table::setattr(values, "class", "Date")
  values
}

# Texts as they were kept. NUL, which no text of R can hold, becomes its picture.
unescaped <- function(values) {
  found <- which(grepl("\\", values, fixed = TRUE, useBytes = TRUE))
  if (length(found) == 0) return(values)
  # Each text once: what needs an escape is mostly said many times.
  said <- values[found]
  texts <- unique(said)
  place <- match(said, texts)
  if (any(grepl("(?<!\\\\)((?:\\\\\\\\)*)\\\\0", texts, perl = TRUE, useBytes = TRUE))) {
    warn("nul-replaced", "A text holds the character NUL, which R cannot: it became \u2400.")
  }
  # An escape begins at a backslash that an even number of others stands before.
  for (one in list(c("t", "\t"), c("n", "\n"), c("r", "\r"), c("0", enc2utf8("\u2400")))) {
    pattern <- paste0("(?<!\\\\)((?:\\\\\\\\)*)\\\\", one[1])
    texts <- gsub(pattern, paste0("\\1", one[2]), texts, perl = TRUE, useBytes = TRUE)
  }
  texts <- gsub("\\\\", "\\", texts, fixed = TRUE, useBytes = TRUE)
  Encoding(texts) <- "UTF-8"
  values[found] <- texts[place]
  values
}

# The parts as one table. Whole numbers take the one class that holds all of them.
bound <- function(parts, names, types, integers, factors) {
  columns <- lapply(seq_along(names), function(place) {
    pieces <- lapply(parts, `[[`, place)
    if (types[place] == "integer") return(whole_numbers(pieces, integers, names[place]))
    joined <- joined(pieces)
    if (factors && types[place] == "category") factor(joined) else joined
  })
  names(columns) <- names
  data.table::setDT(columns)
  columns[]
}

joined <- function(pieces) {
  if (length(pieces) == 1) return(pieces[[1]])
  data.table::rbindlist(lapply(pieces, list))[[1]]
}

whole_numbers <- function(pieces, integers, name) {
  kinds <- vapply(pieces, function(piece) class(piece)[1], "")
  if ("character" %in% kinds) {
    values <- joined(lapply(pieces, as.character))
    if (integers == "character") return(values)
    # One that is larger may have been rounded to 2^53 itself.
    exact <- all(is.na(values) | abs(as.numeric(values)) < 2^53)
    if (exact) return(as.numeric(values))
    if (integers == "numeric") fail_inexact(name)
    warn("integers-as-text", paste0(
      "Whole numbers of \u201c", name, "\u201d are larger than R can hold and stay texts: ",
      "install.packages(\"bit64\") and read again."
    ))
    return(values)
  }
  if (length(unique(kinds)) > 1) pieces <- lapply(pieces, bit64::as.integer64)
  values <- joined(pieces)
  switch(integers,
    auto = values,
    integer64 = bit64::as.integer64(values),
    character = as.character(values),
    numeric = {
      if (inherits(values, "integer64") && any(abs(values) > bit64::as.integer64(2^53), na.rm = TRUE)) {
        fail_inexact(name)
      }
      as.numeric(values)
    }
  )
}

fail_inexact <- function(name) {
  fail("not-representable", paste0(
    "Whole numbers of \u201c", name, "\u201d lie beyond 2^53, which numeric does not hold exactly. ",
    "Read them with integers = \"integer64\" or \"character\"."
  ), kind = "invalid")
}

# A table of these fields and no row.
no_rows <- function(types) {
  lapply(types, function(type) {
    switch(type,
      integer = integer(), decimal = numeric(), boolean = logical(),
      date = day(integer()), datetime = as.POSIXct(numeric(), origin = "1970-01-01", tz = "UTC"),
      character()
    )
  })
}
