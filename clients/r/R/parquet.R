# The same rows by Parquet, for those who have a reader of it: arrow reads from memory; nanoparquet
# wants a file, which its owner alone may read, in memory where the system has a place for that.

read_parquet <- function(con, wish, integers, factors, tell) {
  reader <- Filter(function(name) requireNamespace(name, quietly = TRUE), c("arrow", "nanoparquet"))
  if (length(reader) == 0) {
    fail("missing-package", "Parquet needs arrow or nanoparquet: install.packages(\"nanoparquet\").")
  }
  pieces <- list()
  arrived <- 0
  stream(con, wish$path, c(list(format = "parquet"), wish$query), take = function(bytes) {
    pieces[[length(pieces) + 1]] <<- bytes
    arrived <<- arrived + length(bytes)
    tell(arrived, NULL)
  })
  tell(arrived, arrived)
  bytes <- do.call(c, pieces)
  if (!identical(utils::tail(bytes, 4), charToRaw("PAR1"))) not_as_said("no footer of Parquet")
  frame <- if (reader[1] == "arrow") {
    as.data.frame(getExportedValue("arrow", "read_parquet")(bytes))
  } else {
    path <- room_for_text() %||% room_for_text(tempdir())
    on.exit(unlink(path))
    write_pieces(list(bytes), path)
    as.data.frame(getExportedValue("nanoparquet", "read_parquet")(path))
  }
  columns <- Map(function(values, type) as_type(values, type), as.list(frame)[wish$names], wish$types)
  bound(list(columns), wish$names, wish$types, integers, factors)
}

as_type <- function(values, type) {
  switch(type,
    integer = if (is.double(values) && !inherits(values, "integer64")) {
      if (all(abs(values) <= .Machine$integer.max, na.rm = TRUE)) as.integer(values) else values
    } else {
      values
    },
    decimal = as.numeric(values),
    boolean = as.logical(values),
    date = as.Date(values),
    datetime = as.POSIXct(structure(as.numeric(values), class = c("POSIXct", "POSIXt"), tzone = "UTC")),
    time = clock(values),
    as.character(values)
  )
}

# A time of day as text: hh:mm:ss, with six digits more where there is a fraction.
clock <- function(values) {
  if (is.character(values)) return(values)
  micros <- round(as.numeric(values, units = "secs") * 1e6)
  seconds <- micros %/% 1e6
  fraction <- micros %% 1e6
  text <- sprintf("%02d:%02d:%02d", as.integer(seconds %/% 3600), as.integer(seconds %/% 60 %% 60),
                  as.integer(seconds %% 60))
  text <- ifelse(fraction > 0, sprintf("%s.%06d", text, as.integer(fraction)), text)
  text[is.na(micros)] <- NA_character_
  text
}
