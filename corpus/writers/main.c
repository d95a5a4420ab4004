// khover-write-image: writes a handoff image as a kernel would, or damaged.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "breaks.h"
#include "options.h"

static void cut(const char* path, unsigned percent) {
  FILE* file = fopen(path, "rb");
  if (!file || fseek(file, 0, SEEK_END)) die("cannot read %s", path);
  const long size = ftell(file);
  fclose(file);
  if (truncate(path, size * (long)percent / 100)) die("cannot shorten %s", path);
}

int main(int argc, char** argv) {
  struct request request;
  options_parse(argc, argv, &request);

  struct image image;
  image_build(&image, &request.scenario);
  // What is damaged is said as it was before.
  const bool damaged = (request.broken.rule && request.damage) || request.bad;
  if (request.truth && damaged) truth_write(&image, request.truth);
  if (request.broken.rule && request.damage) request.broken.rule->damage(&image);
  if (request.bad && request.bad->damage) request.bad->damage(&image);
  formats_finish(&image);
  if (request.truth && !damaged) truth_write(&image, request.truth);
  if (request.scenario.without_tables) tables_drop(&image);
  core_write(&image, request.output);
  if (request.bad && request.bad->keep_percent) cut(request.output, request.bad->keep_percent);
  image_free(&image);
  return 0;
}
