// Breaks of the FLB page.
#include <stdio.h>
#include <string.h>

#include "breaks.h"

static void pointer_zero(struct image* image) {
  luo_ser(image)->flbs_pa = 0;
  map_del(&image->map, image->flbs, 0);
}
static void pointer_unaligned(struct image* image) { luo_ser(image)->flbs_pa += 8; }
static void pointer_beyond_ram(struct image* image) { luo_ser(image)->flbs_pa = NOWHERE; }
static void page_without_key(struct image* image) { map_del(&image->map, image->flbs, 0); }

static void pages(struct image* image) { flb_header(image)->pgcnt = 2; }
static void header_under(struct image* image) { flb_header(image)->count--; }
static void capacity(struct image* image) {
  flb_header(image)->count = (page_size(&image->arena) - sizeof(struct luo_flb_header_ser)) / 64 + 1;
}
static void capacity_huge(struct image* image) { flb_header(image)->count = UINT64_C(1) << 40; }
static void tail(struct image* image) { *AT(uint8_t, image->flbs + page_size(&image->arena) - 1) = 0x5a; }

static void not_empty(struct image* image) {
  if (image->scenario.phase != PHASE_OUTGOING) die("luo-flb-empty can only be broken in an outgoing image");
  flb_header(image)->count = 1;
  *flb_ser(image, 0) = (struct luo_flb_ser){"liveupdate-test-flb-v0", TEST_FLB_MAGIC, 1};
}

static void one_flb(struct scenario* scenario) { scenario->flbs = 1; }
static void two_flbs(struct scenario* scenario) { scenario->flbs = 2; }

static void name_empty(struct image* image) { memset(flb_ser(image, 0)->name, 0, FLB_NAME_LENGTH); }
static void name_unterminated(struct image* image) { memset(flb_ser(image, 0)->name, 'a', FLB_NAME_LENGTH); }
static void name_tail(struct image* image) { flb_ser(image, 0)->name[FLB_NAME_LENGTH - 1] = 'x'; }
static void data_foreign(struct image* image) { flb_ser(image, 0)->data = TEST_FLB_MAGIC + 7; }
static void name_twice(struct image* image) {
  memcpy(flb_ser(image, 1)->name, flb_ser(image, 0)->name, FLB_NAME_LENGTH);
}
static void name_unknown(struct image* image) {
  memset(flb_ser(image, 0)->name, 0, FLB_NAME_LENGTH);
  memcpy(flb_ser(image, 0)->name, "nobody-v1", sizeof("nobody-v1"));
}
static void count_zero(struct image* image) { flb_ser(image, 0)->count = 0; }
static void count_huge(struct image* image) { flb_ser(image, 0)->count = UINT64_C(1) << 31; }

static void count_under(struct image* image) { flb_ser(image, 0)->count--; }
static void count_over(struct image* image) { flb_ser(image, 0)->count++; }

const struct break_rule flb_breaks[] = {
    {"luo-flbs-null", "", "flbs_pa is 0.", NULL, pointer_zero, false},
    {"luo-flbs-pointer", "", "flbs_pa is not page aligned.", NULL, pointer_unaligned, false},
    {"luo-flbs-pointer", "", "flbs_pa is beyond RAM.", NULL, pointer_beyond_ram, false},
    {"luo-flb-page-preserved", "", "The FLB page has no key.", NULL, page_without_key, false},
    {"luo-flb-pages", "", "pgcnt is 2.", NULL, pages, false},
    {"luo-flb-capacity", "", "The FLB page counts one entry more than fit.", NULL, capacity, false},
    {"luo-flb-capacity", "", "The FLB page counts 2^40 entries.", NULL, capacity_huge, false},
    {"luo-flb-empty", "", "Outgoing: the FLB page already has an entry.", outgoing, not_empty, false},
    {"luo-flb-tail-zero", "", "The FLB page counts one entry too few.", one_flb, header_under, false},
    {"luo-flb-rest-zero", "", "The last byte of the FLB page is not zero.", NULL, tail, false},
    {"luo-flb-name", "luo-flb-known", "The name of an FLB is empty.", one_flb, name_empty, false},
    {"luo-flb-name", "luo-flb-known", "The name of an FLB has no NUL.", one_flb, name_unterminated, false},
    {"luo-flb-name-tail", "", "A byte after the name of an FLB is not zero.", one_flb, name_tail, false},
    {"test-flb-data", "", "The data of a test FLB is not its magic number.", one_flb, data_foreign, false},
    {"luo-flb-name-unique", "test-flb-data", "Two FLBs have the same name.", two_flbs, name_twice, false},
    {"luo-flb-count", "", "`count` of an FLB is 0.", one_flb, count_zero, false},
    {"luo-flb-count", "", "`count` of an FLB is 2^31.", one_flb, count_huge, false},
    {"test-flb-count", "", "A test FLB counts one file too few.", one_flb, count_under, false},
    {"test-flb-leaked", "", "A test FLB counts one file too many.", one_flb, count_over, false},
    {"luo-flb-known", "", "Nobody knows the name of an FLB.", one_flb, name_unknown, false},
    {0},
};
