// As much of a kernel as the reproductions need.
#pragma once
#include <linux/types.h>

#define PAGE_SIZE 4096UL
#define PAGE_SHIFT 12
#define ENOENT 2
#define EIO 5
#define ENOMEM 12
#define EEXIST 17
#define EINVAL 22
#define GFP_KERNEL 0
#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define PFN_PHYS(x) ((phys_addr_t)(x) << PAGE_SHIFT)
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define BUG_ON(condition)                      \
  do {                                         \
    if (unlikely(condition)) __builtin_trap(); \
  } while (0)
#define WARN_ON(condition)               \
  ({                                     \
    int __ret_warn_on = !!(condition);   \
    if (unlikely(__ret_warn_on)) warn(); \
    unlikely(__ret_warn_on);             \
  })
#define min(a, b)       \
  ({                    \
    typeof(a) _a = (a); \
    typeof(b) _b = (b); \
    _a < _b ? _a : _b;  \
  })

void warn(void);
int printk(const char* format, ...) __attribute__((format(printf, 1, 2)));
static inline bool IS_ERR(const void* pointer) { return (unsigned long)pointer >= -4095UL; }
static inline long PTR_ERR(const void* pointer) { return (long)pointer; }
static inline void* ERR_PTR(long error) { return (void*)error; }
static inline void* phys_to_virt(phys_addr_t address) { return (void*)(address + 0xffff888000000000UL); }
static inline phys_addr_t virt_to_phys(const volatile void* pointer) {
  return (phys_addr_t)pointer - 0xffff888000000000UL;
}
#define __va(x) ((void*)((unsigned long)(x) + 0xffff888000000000UL))

int strcmp(const char* a, const char* b);
int strncmp(const char* a, const char* b, size_t n);
size_t strnlen(const char* text, size_t n);
size_t strlen(const char* text);
void* memcpy(void* to, const void* from, size_t n);
long strscpy(char* to, const char* from, size_t n);
void* kmalloc(size_t size, int flags);
void* kcalloc(size_t n, size_t size, int flags);
void* __kmalloc_cache_noprof(int flags, size_t size);
#define kzalloc_obj(x) ((typeof(x)*)__kmalloc_cache_noprof(GFP_KERNEL, sizeof(x)))
void kfree(const void* pointer);

struct folio;
struct page;
struct device;
struct kho_vmalloc;
struct folio;
struct list_head {
  struct list_head *next, *prev;
};
void list_add_tail(struct list_head* entry, struct list_head* head);
void* memmove(void* to, const void* from, size_t n);
int fls64(u64 value);
int shmem_add_to_page_cache(struct folio* folio, void* mapping, unsigned long index);
unsigned long count_trailing_zeros(unsigned long value);
struct list {
  void* first;
};
void* kho_alloc_preserve(size_t size);
void kho_unpreserve_free(void* memory);
void kho_restore_free(void* memory);
int kho_preserve_folio(struct folio* folio);
void kho_unpreserve_folio(struct folio* folio);
struct folio* kho_restore_folio(phys_addr_t phys);
struct page* kho_restore_pages(phys_addr_t phys, unsigned long nr_pages);
void* kho_restore_vmalloc(const struct kho_vmalloc* preservation);
int kho_preserve_pages(struct page* page, unsigned long nr_pages);
void kho_unpreserve_pages(struct page* page, unsigned long nr_pages);
struct page* pfn_to_page(unsigned long pfn);
int kho_add_subtree(const char* name, void* blob, size_t size);
void kho_remove_subtree(void* blob);
int kho_retrieve_subtree(const char* name, phys_addr_t* phys, size_t* size);
int kho_block_set_grow(void* set, u64 count);
void kho_block_set_shrink(void* set, u64 count);
int liveupdate_flb_get_incoming(void* flb, void** object);
int iommu_domain_preserve(void* domain);
void iommu_domain_unpreserve(void* domain);
void folio_put(struct folio* folio);
int insert(void* into, struct folio* folio, u64 index);
void refcount_set(void* count, int value);
void i_size_write(void* inode, long long size);
int xa_store(void* array, unsigned long index, void* entry);
int xa_insert(void* array, unsigned long index, void* entry);
void* early_memremap(phys_addr_t phys, size_t size);
void early_memunmap(void* address, size_t size);
int fdt_add_subnode(void* tree, int parent, const char* name);
int fdt_del_node(void* tree, int node);
int fdt_setprop(void* tree, int node, const char* name, const void* value, int length);
const void* fdt_getprop(const void* tree, int node, const char* name, int* length);
u64 get_unaligned(const u64* value);
int pci_domain_nr(void* bus);
int memblock_reserve(phys_addr_t start, phys_addr_t size);
bool refcount_dec_and_test(void* count);
#define container_of(pointer, type, member) ((type*)((char*)(pointer) - __builtin_offsetof(type, member)))
#define list_for_each_entry(pos, head, member)                                         \
  for (pos = container_of((head)->next, typeof(*pos), member); &pos->member != (head); \
       pos = container_of(pos->member.next, typeof(*pos), member))
