#include "options.h"

#include <getopt.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: khover-write-image [options] -o FILE.elf\n"
    "       khover-write-image --list-breaks | --list-bad | --list-scenarios\n"
    "  -o, --output FILE        the ELF core to write\n"
    "  --phase PHASE            outgoing, finalized (default) or early\n"
    "  --kho, --luo, --memfd VERSION\n"
    "                           formats of earlier kernels (v4, v5, v2); v1-512: kho-v1 of 6.16\n"
    "  --sessions N             sessions with files (2)\n"
    "  --files M                memfds of each of them (3)\n"
    "  --idle-sessions N        further sessions, without files (1)\n"
    "  --memfd-size BYTES       every memfd has this size, in order-0 folios\n"
    "  --folios N               order-0 folios of the first memfd\n"
    "  --flbs N                 test FLBs, at most 3 (0)\n"
    "  --test-folios N          folios of the kho_test subtree (0: no such subtree)\n"
    "  --regions N              reserve_mem regions, at most 2 (2)\n"
    "  --scenario NAME          preserved devices as some kernel tree writes them; --list-scenarios\n"
    "  --pci, --vfio, --iommu, --iommufd VARIANT\n"
    "                           one part of it, or \"none\"\n"
    "  --devices N              endpoints with a vfio-pci file each (3)\n"
    "  --bridges N              root ports above them (0)\n"
    "  --units N                IOMMUs (1)\n"
    "  --domains N              domains, at least one per session (1)\n"
    "  --deleted N              devices that were unpreserved again (0)\n"
    "  --without-tables         leave out what only hardware reads, as slim cores do\n"
    "  --topology               the note names the host's PCI functions\n"
    "  --hugetlb N              huge memfds of each session (0)\n"
    "  --kvm VARIANT            a guest in each session: a, b, c or none (none)\n"
    "  --spare WHERE            an object without a subsystem, its record a page of zeroes: file, flb, "
    "subtree\n"
    "  --numa N                 NUMA nodes, 1 or 2 (1)\n"
    "  --page-size SIZE         4K (x86-64), 16K or 64K (arm64)\n"
    "  --seed S                 where objects lie and how folios are mixed (1)\n"
    "  --full                   write the pages of memfds and regions, too\n"
    "  --no-note MEMBER,...     leave facts out of the note: ram, numa, scratch, root, phase, page_size\n"
    "  --truth FILE             what was written, as JSON\n"
    "  --break RULE[:N]         damage the image so that it violates RULE\n"
    "  --scenario-of RULE[:N]   the same image without the damage\n"
    "  --bad KIND               damage that no rule is about\n";

#define MEMBER(name) offsetof(struct scenario, name), sizeof(((struct scenario*)0)->name)

// Options that set one member of the scenario to a number.
static const struct number_option {
  const char* name;
  size_t offset, size;
  uint64_t limit;
} number_options[] = {
    {"sessions", MEMBER(sessions), 1000000},
    {"files", MEMBER(files), 1000000},
    {"idle-sessions", MEMBER(idle_sessions), 1000000},
    {"memfd-size", MEMBER(memfd_size), UINT64_C(1) << 40},
    {"folios", MEMBER(folios), 1 << 26},
    {"flbs", MEMBER(flbs), 3},
    {"test-folios", MEMBER(test_folios), 1 << 26},
    {"regions", MEMBER(regions), 2},
    {"devices", MEMBER(devices), 100000},
    {"bridges", MEMBER(bridges), 31},
    {"units", MEMBER(units), 1000},
    {"domains", MEMBER(domains), 10000},
    {"deleted", MEMBER(deleted), 10000},
    {"hugetlb", MEMBER(hugetlb), 8},
    {"numa", MEMBER(numa_nodes), 2},
    {"seed", MEMBER(seed), UINT64_MAX},
};
enum { NR_NUMBERS = sizeof(number_options) / sizeof(number_options[0]) };

// Options that set one member to the position of a name.
static const struct name_option {
  const char* name;
  size_t offset, size;
  const char* const* names;
  unsigned count;
} name_options[] = {
    {"phase", MEMBER(phase), phase_names, 3},
    {"kho", MEMBER(kho), kho_names, KHO_VERSIONS},
    {"luo", MEMBER(luo), luo_names, LUO_VERSIONS},
    {"memfd", MEMBER(memfd), memfd_names, MEMFD_VERSIONS},
    {"pci", MEMBER(pci), pci_names, PCI_VARIANTS},
    {"vfio", MEMBER(vfio), vfio_names, VFIO_VARIANTS},
    {"iommu", MEMBER(iommu), iommu_names, IOMMU_VARIANTS},
    {"iommufd", MEMBER(iommufd), iommufd_names, IOMMUFD_VARIANTS},
    {"kvm", MEMBER(kvm), kvm_names, KVM_VARIANTS},
    {"spare", MEMBER(spare), spare_names, SPARES},
};
enum { NR_NAMES = sizeof(name_options) / sizeof(name_options[0]) };

enum option_id {
  OPT_NUMBER = 0x100,
  OPT_NAME = 0x200,
  OPT_PAGE_SIZE = 0x300,
  OPT_FULL,
  OPT_WITHOUT_TABLES,
  OPT_TOPOLOGY,
  OPT_NO_NOTE,
  OPT_SCENARIO,
  OPT_TRUTH,
  OPT_BREAK,
  OPT_SCENARIO_OF,
  OPT_BAD,
  OPT_LIST_BREAKS,
  OPT_LIST_BAD,
  OPT_LIST_SCENARIOS,
  OPT_HELP,
};

static const struct option other_options[] = {
    {"output", required_argument, NULL, 'o'},
    {"page-size", required_argument, NULL, OPT_PAGE_SIZE},
    {"full", no_argument, NULL, OPT_FULL},
    {"without-tables", no_argument, NULL, OPT_WITHOUT_TABLES},
    {"topology", no_argument, NULL, OPT_TOPOLOGY},
    {"no-note", required_argument, NULL, OPT_NO_NOTE},
    {"scenario", required_argument, NULL, OPT_SCENARIO},
    {"truth", required_argument, NULL, OPT_TRUTH},
    {"break", required_argument, NULL, OPT_BREAK},
    {"scenario-of", required_argument, NULL, OPT_SCENARIO_OF},
    {"bad", required_argument, NULL, OPT_BAD},
    {"list-breaks", no_argument, NULL, OPT_LIST_BREAKS},
    {"list-bad", no_argument, NULL, OPT_LIST_BAD},
    {"list-scenarios", no_argument, NULL, OPT_LIST_SCENARIOS},
    {"help", no_argument, NULL, OPT_HELP},
};
enum { NR_OTHERS = sizeof(other_options) / sizeof(other_options[0]) };

static struct option options[NR_NUMBERS + NR_NAMES + NR_OTHERS + 1];

static void collect_options(void) {
  struct option* next = options;
  for (int i = 0; i < NR_NUMBERS; i++)
    *next++ = (struct option){number_options[i].name, required_argument, NULL, OPT_NUMBER + i};
  for (int i = 0; i < NR_NAMES; i++)
    *next++ = (struct option){name_options[i].name, required_argument, NULL, OPT_NAME + i};
  memcpy(next, other_options, sizeof(other_options));
}

static uint64_t number(const char* text, uint64_t limit) {
  char* end;
  const unsigned long long value = strtoull(text, &end, 0);
  if (!*text || *end || value > limit)
    die("\"%s\" is not a number up to %llu", text, (unsigned long long)limit);
  return value;
}

static unsigned page_shift(const char* text) {
  static const struct {
    const char* name;
    unsigned shift;
  } sizes[] = {{"4K", 12}, {"4096", 12}, {"16K", 14}, {"16384", 14}, {"64K", 16}, {"65536", 16}};
  for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
    if (!strcmp(text, sizes[i].name)) return sizes[i].shift;
  die("no kernel has pages of %s: choose 4K, 16K or 64K", text);
}

static unsigned one_of(const char* text, size_t length, const char* const* names, unsigned count) {
  for (unsigned i = 0; i < count; i++)
    if (strlen(names[i]) == length && !strncmp(text, names[i], length)) return i;
  die("\"%.*s\" is not known; choose one of those that --help names", (int)length, text);
}

static unsigned note_members(const char* text) {
  unsigned members = 0;
  while (*text) {
    const size_t length = strcspn(text, ",");
    members |= 1U << one_of(text, length, note_names, NOTE_MEMBERS);
    text += length + (text[length] == ',');
  }
  return members;
}

static void set(struct scenario* scenario, size_t offset, size_t size, uint64_t value) {
  uint8_t* member = (uint8_t*)scenario + offset;
  const uint32_t narrow = (uint32_t)value;
  memcpy(member, size == sizeof(value) ? (const void*)&value : (const void*)&narrow, size);
}

// A break brings its own scenario, which depends on the page size, and further
// options may change it: so these two are looked at first.
static void parse_damage(int argc, char** argv, struct request* request) {
  optind = 1;
  for (int id; (id = getopt_long(argc, argv, "o:", options, NULL)) != -1;) {
    if (id == OPT_PAGE_SIZE) request->scenario.page_shift = page_shift(optarg);
    if (id == OPT_BREAK || id == OPT_SCENARIO_OF) {
      request->broken = break_find(optarg);
      request->damage = id == OPT_BREAK;
    }
    if (id == OPT_BAD) request->bad = bad_find(optarg);
  }
  if (request->broken.rule && request->bad) die("choose one of --break and --bad");
  if (request->broken.rule) break_prepare(&request->broken, &request->scenario);
  if (request->bad && request->bad->prepare) request->bad->prepare(&request->scenario);
}

static void parse_other(int id, struct request* request) {
  switch (id) {
    case 'o':
      request->output = optarg;
      break;
    case OPT_TRUTH:
      request->truth = optarg;
      break;
    case OPT_FULL:
      request->scenario.full = true;
      break;
    case OPT_WITHOUT_TABLES:
      request->scenario.without_tables = true;
      break;
    case OPT_TOPOLOGY:
      request->scenario.topology = true;
      break;
    case OPT_NO_NOTE:
      request->scenario.omit |= note_members(optarg);
      break;
    case OPT_SCENARIO:
      bundle_apply(&request->scenario, optarg);
      break;
    case OPT_LIST_BREAKS:
      break_list();
      exit(0);
    case OPT_LIST_BAD:
      bad_list();
      exit(0);
    case OPT_LIST_SCENARIOS:
      bundle_list();
      exit(0);
    case OPT_HELP:
      fputs(usage, stdout);
      exit(0);
    case '?':
      fputs(usage, stderr);
      exit(2);
    default:
      break;
  }
}

static void parse_scenario(int argc, char** argv, struct request* request) {
  struct scenario* scenario = &request->scenario;
  optind = 1;
  for (int id; (id = getopt_long(argc, argv, "o:", options, NULL)) != -1;) {
    if (id >= OPT_NUMBER && id < OPT_NUMBER + NR_NUMBERS) {
      const struct number_option* option = &number_options[id - OPT_NUMBER];
      set(scenario, option->offset, option->size, number(optarg, option->limit));
    } else if (id >= OPT_NAME && id < OPT_NAME + NR_NAMES) {
      const struct name_option* option = &name_options[id - OPT_NAME];
      set(scenario, option->offset, option->size,
          one_of(optarg, strlen(optarg), option->names, option->count));
    } else {
      parse_other(id, request);
    }
  }
}

void options_parse(int argc, char** argv, struct request* request) {
  *request = (struct request){.scenario = {.phase = PHASE_FINALIZED,
                                           .page_shift = 12,
                                           .numa_nodes = 1,
                                           .sessions = 2,
                                           .files = 3,
                                           .idle_sessions = 1,
                                           .regions = 2,
                                           .units = 1,
                                           .domains = 1,
                                           .seed = 1}};
  collect_options();
  opterr = 0;
  parse_damage(argc, argv, request);
  opterr = 1;
  parse_scenario(argc, argv, request);
  if (optind < argc) die("unexpected argument \"%s\"", argv[optind]);
  if (!request->output) die("-o FILE says where to write the image; --help lists the options");
  if (!request->scenario.units) die("--units must be at least 1");
  if (!request->scenario.numa_nodes) die("--numa must be 1 or 2");
}
