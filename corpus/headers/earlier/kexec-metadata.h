/* Who wrote the image, since kho-v3. */
#pragma once
#include "../types.h"

#define KHO_METADATA_NODE_NAME "kexec-metadata"
#define KHO_KEXEC_METADATA_VERSION 1

struct kho_kexec_metadata {
  u32 version;
  char previous_release[65];
  u32 kexec_count;
} __packed;
