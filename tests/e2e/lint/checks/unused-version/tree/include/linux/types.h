typedef unsigned long long u64;
