// What the command line asks for.
#pragma once

#include "breaks.h"

struct request {
  struct scenario scenario;
  struct break_choice broken;
  const struct bad_input* bad;
  bool damage;
  const char* output;
  const char* truth;
};

// Exits with a message when the arguments make no sense.
void options_parse(int argc, char** argv, struct request* request);
