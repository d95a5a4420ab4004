// Files that hold a guest and its memory: hugetlb, KVM, guest_memfd. From trees and
// postings of 2026; typed by hand, numbers and field names only.
#pragma once

#include "abi.h"

#define HUGETLB_NAME "hugetlb-v1"
#define HUGE_MEMFD_COMPATIBLE "huge-memfd-v1"

struct hugetlb_hstate_ser {
  uint64_t nr_pages;
  uint8_t order;
} PACKED;
struct hugetlb_ser {
  struct hugetlb_hstate_ser hstates[4];
  uint8_t nr_hstates;
} PACKED;
struct hugemfd_ser {
  uint64_t size;
  uint64_t pos;
  uint64_t nr_folios;
  struct kho_vmalloc folios;
  uint8_t order;
} PACKED;
struct hugemfd_folio_ser {
  uint64_t pfn;  // 52 bits; the others are reserved
  uint64_t index;
} PACKED;

#define KVM_VM_COMPATIBLE "kvm_vm_luo_v1"
#define KVM_VCPU_COMPATIBLE "kvm_vcpu_luo_v1"
#define GUEST_MEMFD_COMPATIBLE "guest_memfd_luo_v1"

struct kvm_vm_ser_a {
  uint64_t type;
} PACKED;
struct kvm_vm_ser_b {
  uint64_t type;
  uint64_t nr_mem_attrs;
  struct kho_vmalloc mem_attrs;
} PACKED;
struct kvm_mem_attr {
  uint64_t gfn;
  uint64_t attributes;
} PACKED;
struct kvm_vm_ser_c {
  uint64_t type;
  uint64_t folios;
} PACKED;
struct kho_folios {
  uint64_t nr;
  uint64_t pa[];
} PACKED;

enum { KVM_VCPU_CARETAKER = 1 };
struct kvm_vcpu_ser {
  uint32_t vcpu_id;
  uint32_t flags;
  uint64_t vm_token;
  uint64_t arch_state;
  uint64_t cb;
} PACKED;
struct kvm_vcpu_cb {
  uint32_t state;
  uint32_t pcpu_id;
  uint32_t vcpu_id;
  uint32_t reserved;
  uint64_t telemetry;
} PACKED;

enum { GUEST_MEMFD_MMAP = 1, GUEST_MEMFD_INIT_SHARED = 2 };
struct guest_memfd_ser {
  uint64_t size;
  uint64_t flags;
  uint64_t nr_folios;
  uint64_t vm_token;
  struct kho_vmalloc folios;
} PACKED;

_Static_assert(sizeof(struct hugetlb_ser) == 37, "hugetlb_ser");
_Static_assert(sizeof(struct hugemfd_ser) == 41, "hugemfd_ser");
_Static_assert(sizeof(struct hugemfd_folio_ser) == 16, "hugemfd_folio_ser");
_Static_assert(sizeof(struct kvm_vm_ser_a) == 8, "kvm_vm_ser, a");
_Static_assert(sizeof(struct kvm_vm_ser_b) == 32, "kvm_vm_ser, b");
_Static_assert(sizeof(struct kvm_vm_ser_c) == 16, "kvm_vm_ser, c");
_Static_assert(sizeof(struct kvm_vcpu_ser) == 32, "kvm_vcpu_ser");
_Static_assert(sizeof(struct kvm_vcpu_cb) == 24, "kvm_vcpu_cb");
_Static_assert(sizeof(struct guest_memfd_ser) == 48, "guest_memfd_ser");
