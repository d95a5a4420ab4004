/* The root since kho-v3: a subtree is any blob, and has a size. */
#pragma once
#include "kho-map-radix.h"
#include "kho-vmalloc.h"

#define KHO_FDT_COMPATIBLE "kho-v3"
#define KHO_SUB_TREE_PROP_NAME "preserved-data"
#define KHO_SUB_TREE_SIZE_PROP_NAME "blob-size"

/* Scratch areas begin and end with a page block; later kernels take the largest buddy block. */
#define CMA_MIN_ALIGNMENT_BYTES (PAGE_SIZE << (PAGE_SHIFT - 3))
