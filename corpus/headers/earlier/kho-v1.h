/* The root of kho-v1, Linux 6.16 to 7.0: as kho-v2, with another name for the address of a subtree. */
#pragma once

#define KHO_FDT_COMPATIBLE "kho-v1"
#define KHO_SUB_TREE_PROP_NAME "fdt"

/* Scratch areas begin and end with a page block; later kernels take the largest buddy block. */
#define CMA_MIN_ALIGNMENT_BYTES (PAGE_SIZE << (PAGE_SHIFT - 3))
