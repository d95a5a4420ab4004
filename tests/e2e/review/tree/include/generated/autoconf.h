#define CONFIG_X86_64 1
