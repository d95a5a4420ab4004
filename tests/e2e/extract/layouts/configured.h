/* A layout that depends on the configuration. */
struct configured {
  int always;
#ifdef CONFIG_EXTRA_MEMBER
  long extra;
#endif
  char name[MAX_NAME];
};
