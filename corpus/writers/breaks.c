#include "breaks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct table {
  const struct break_rule* rules;
  const struct break_subject* subject;
} tables[] = {
    {kho_breaks, NULL},
    {radix_breaks, NULL},
    {vmalloc_breaks, &memfd_subject},
    {vmalloc_breaks, &test_subject},
    {block_breaks, &session_subject},
    {long_chain_breaks, &session_subject},
    {block_breaks, &file_subject},
    {luo_breaks, NULL},
    {flb_breaks, NULL},
    {memfd_breaks, NULL},
    {folio_breaks, NULL},
    {memblock_breaks, NULL},
    {test_breaks, NULL},
    {block_breaks, &pci_subject},
    {long_chain_breaks, &pci_subject},
    {pci_breaks, NULL},
    {array_breaks, &hw_subject},
    {array_breaks, &domain_subject},
    {array_breaks, &device_subject},
    {iommu_breaks, NULL},
    {device_file_breaks, NULL},
    {table_breaks, NULL},
    {smmu_breaks, NULL},
    {vmalloc_breaks, &hugetlb_subject},
    {vmalloc_breaks, &guest_memfd_subject},
    {vmalloc_breaks, &kvm_subject},
    {guest_breaks, NULL},
    {earlier_breaks, NULL},
    {bitmap_breaks, NULL},
};
enum { NR_TABLES = sizeof(tables) / sizeof(tables[0]), NAME_LENGTH = 512 };

// `*` becomes the subject's prefix.
static const char* expand(const struct table* table, const char* names, char out[NAME_LENGTH]) {
  size_t length = 0;
  for (; *names; names++) {
    const char* piece = *names == '*' ? table->subject->prefix : names;
    const size_t bytes = *names == '*' ? strlen(piece) : 1;
    if (length + bytes >= NAME_LENGTH) die("internal error: long list of rules");
    memcpy(out + length, piece, bytes);
    length += bytes;
  }
  out[length] = 0;
  return out;
}

// Position of an entry among those of its rule, from 1; 0 when it is the only one.
static unsigned variant_of(const char* rule, const struct table* table, const struct break_rule* entry) {
  unsigned before = 0, all = 0;
  char other[NAME_LENGTH];
  for (size_t i = 0; i < NR_TABLES; i++) {
    for (const struct break_rule* at = tables[i].rules; at->rule; at++) {
      if (strcmp(expand(&tables[i], at->rule, other), rule)) continue;
      all++;
      if (&tables[i] == table && at == entry) before = all;
    }
  }
  return all > 1 ? before : 0;
}

struct break_choice break_find(const char* name) {
  const char* colon = strchr(name, ':');
  const size_t length = colon ? (size_t)(colon - name) : strlen(name);
  const unsigned long wanted = colon ? strtoul(colon + 1, NULL, 10) : 1;
  char rule[NAME_LENGTH];
  unsigned variant = 0;
  for (size_t i = 0; i < NR_TABLES; i++) {
    for (const struct break_rule* entry = tables[i].rules; entry->rule; entry++) {
      expand(&tables[i], entry->rule, rule);
      if (strlen(rule) == length && !strncmp(rule, name, length) && ++variant == wanted)
        return (struct break_choice){entry, tables[i].subject};
    }
  }
  die("there is no break \"%s\"; --list-breaks shows them all", name);
}

void break_prepare(const struct break_choice* choice, struct scenario* scenario) {
  scenario->subject = choice->subject;
  if (choice->subject && choice->subject->setup) choice->subject->setup(scenario);
  if (choice->rule->prepare) choice->rule->prepare(scenario);
}

void break_list(void) {
  char text[NAME_LENGTH];
  for (size_t i = 0; i < NR_TABLES; i++) {
    for (const struct break_rule* entry = tables[i].rules; entry->rule; entry++) {
      const unsigned variant = variant_of(expand(&tables[i], entry->rule, text), &tables[i], entry);
      printf("%s%s", entry->undetermined ? "?" : "", text);
      if (variant) printf(":%u", variant);
      printf("\t%s\t%s\n", expand(&tables[i], entry->also, text), entry->what);
    }
  }
}
