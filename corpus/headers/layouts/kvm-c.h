/* KVM, variant c: the VM, its CPUs, its memory. */
#pragma once
#include "../types.h"

#define KVM_VM_LUO_FH_COMPATIBLE "kvm_vm_luo_v1"
#define KVM_VCPU_LUO_FH_COMPATIBLE "kvm_vcpu_luo_v1"
#define GUEST_MEMFD_LUO_FH_COMPATIBLE "guest_memfd_luo_v1"
#define KVM_VCPU_LUO_CARETAKER 1
#define GUEST_MEMFD_LUO_MMAP 1
#define GUEST_MEMFD_LUO_INIT_SHARED 2

struct kvm_chunk_ser {
  u64 phys;
} __packed;

struct kvm_vmalloc_ser { /* as kho_vmalloc of the core */
  struct kvm_chunk_ser first;
  u32 total_pages;
  u16 flags;
  u16 order;
} __packed;

struct kvm_vm_ser {
  u64 type;
  u64 folios; /* physical address of the list of folios */
} __packed;

struct kvm_vcpu_ser {
  u32 vcpu_id;
  u32 flags;
  u64 vm_token; /* LUO token of the VM's file */
  u64 arch_state;
  u64 cb;
} __packed;

struct kvm_vcpu_cb_ser {
  u32 state;
  u32 pcpu_id;
  u32 vcpu_id;
  u32 reserved;
  u64 telemetry;
} __packed;

struct guest_memfd_ser {
  u64 size;
  u64 flags;
  u64 nr_folios;
  u64 vm_token;
  struct kvm_vmalloc_ser folios;
} __packed;
