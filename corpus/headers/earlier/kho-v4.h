/* The root of kho-v4, as that of kho-v3. */
#pragma once
#include "kho-map-radix.h"
#include "kho-vmalloc.h"

#define KHO_FDT_COMPATIBLE "kho-v4"
#define KHO_SUB_TREE_PROP_NAME "preserved-data"
#define KHO_SUB_TREE_SIZE_PROP_NAME "blob-size"

/* Scratch areas begin and end with a page block; later kernels take the largest buddy block. */
#define CMA_MIN_ALIGNMENT_BYTES (PAGE_SIZE << (PAGE_SHIFT - 3))
