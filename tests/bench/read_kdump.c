/* Reads every page of a dump by libkdumpfile, as its users do, and adds up their first bytes: what khover's
 * own reader is measured beside. read_kdump FILE PAGES */
#include <fcntl.h>
#include <libkdumpfile/kdumpfile.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char** argv) {
  static unsigned char page[65536];
  unsigned long long sum = 0, present = 0;
  if (argc != 3) return 2;
  kdump_ctx_t* context = kdump_new();
  const int file = open(argv[1], O_RDONLY);
  if (!context || file < 0 || kdump_open_fd(context, file) != KDUMP_OK) {
    fprintf(stderr, "%s: %s\n", argv[1], context ? kdump_get_err(context) : "no memory");
    return 2;
  }
  const unsigned long long pages = strtoull(argv[2], NULL, 0);
  for (unsigned long long i = 0; i < pages; ++i) {
    size_t length = 4096;
    if (kdump_read(context, KDUMP_MACHPHYSADDR, i * 4096, page, &length) != KDUMP_OK) continue;
    sum += page[0];
    ++present;
  }
  printf("%llu pages, %llu\n", present, sum);
  return 0;
}
