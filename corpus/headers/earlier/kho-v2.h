/* The root of kho-v2: a subtree is a device tree, which says its size itself. */
#pragma once
#include "kho-map-radix.h"

#define KHO_FDT_COMPATIBLE "kho-v2"
#define KHO_SUB_TREE_PROP_NAME "preserved-data"

/* Scratch areas begin and end with a page block; later kernels take the largest buddy block. */
#define CMA_MIN_ALIGNMENT_BYTES (PAGE_SIZE << (PAGE_SHIFT - 3))
