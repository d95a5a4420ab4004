/* Up to luo-v4: the files of a session are side by side, in so many pages. */
#pragma once

#define LUO_FILE_PGCNT 2
