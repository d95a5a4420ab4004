/* Macros and enumerations. */
#ifndef CONSTANTS_H
#define CONSTANTS_H

typedef unsigned int u32;
typedef unsigned long long u64;

struct entry {
  u64 key;
  u32 value;
};

enum color { RED, GREEN = 5, BLUE };
enum negative { MINUS_ONE = -1, PLUS_ONE = 1 };
enum large { LARGE = 0xffffffffu };
enum __attribute__((__packed__)) tiny { TINY_A, TINY_B = 200 };
enum { ANONYMOUS_A = 1 << 4, ANONYMOUS_B };
typedef enum { BY_TYPEDEF_A, BY_TYPEDEF_B = 7 } by_typedef_enum;

struct uses_enums {
  enum color color;
  enum negative negative;
  enum tiny tiny;
  by_typedef_enum alias;
  enum color few : 4;
  enum { INNER_A = 3, INNER_B } inner;
};

#define ENTRY_SIZE sizeof(struct entry)
#define ENTRIES_PER_PAGE ((4096 - sizeof(u64)) / sizeof(struct entry))
#define NEGATIVE (-42)
#define SMALLEST (-0x7fffffffffffffffLL - 1)
#define LARGEST 0xffffffffffffffffULL
#define SHIFTED (1UL << 40)
#define LETTER 'x'
#define FROM_ENUM BLUE
#define RED RED
#define TRUTH (3 > 2)
#define CHOICE (sizeof(long) == 8 ? 64 : 32)
#define UNSIGNED_MINUS_ONE (-1 + 0u)

#define COMPATIBLE "entry-v3"
#define JOINED \
  "entry"      \
  "-"          \
  "v4"
#define ESCAPED "tab\there \"quoted\" back\\slash"
#define QUESTION \
  "what?"        \
  "?/"
#define EMPTY_TEXT ""
#define WITH_NUL "a\0b"
#define HIGH_BYTES "\xff\x80z"
#define PARENTHESISED ("inside")

/* None of these is a constant. */
#define FUNCTION_LIKE(x) ((x) + 1)
#define TYPE_NAME struct entry
#define STATEMENT \
  do {            \
  } while (0)
#define OPENING_BRACE struct entry {
#define CLOSING_PAREN )
#define SEMICOLON ;
#define NOT_DECLARED some_function_elsewhere(3)
#define FLOATING 1.5
#define EMPTY_BODY
#define ATTRIBUTE __attribute__((__unused__))
extern int variable;
#define RUN_TIME variable
#define ADDRESS (&variable)

/* And these come after them: none of the above may have damaged them. */
#define AFTER_THE_JUNK 77
#define UNDEFINED_AGAIN 1
#undef UNDEFINED_AGAIN
#define DEFINED_TWICE 1
#undef DEFINED_TWICE
#define DEFINED_TWICE 2

#endif
