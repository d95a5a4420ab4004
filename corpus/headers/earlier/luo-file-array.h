/* Up to luo-v4: the files of a session lie side by side, in so many pages. */
#pragma once

#define LUO_FILE_PGCNT 2
