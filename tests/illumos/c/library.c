// SPDX-License-Identifier: MIT
//
// The C library beyond system calls: streams, numbers, options, patterns, jumps, messages.
#include "check.h"

#define stdin (&__iob[0])
#define _IOLBF 0100
#define _IONBF 04
#define ERANGE 34
#define EILSEQ 88
#define ENOTSOCK 95
#define ECONNREFUSED 146
#define RTLD_DEFAULT ((void*)-2)
#define LC_ALL 6
#define CODESET 49
#define FE_TOWARDZERO 3

typedef __builtin_va_list va_list;
typedef struct {
  size_t re_nsub;
  void* re_comp;
  int re_cflags;
  size_t re_erroff, re_len;
  void* re_sc;
} regex_t;
typedef struct {
  const char *rm_sp, *rm_ep;
  ssize_t rm_so, rm_eo;
  int rm_ss, rm_es;
} regmatch_t;
typedef struct {
  size_t gl_pathc;
  char** gl_pathv;
  size_t gl_offs;
  char** gl_pathp;
  int gl_pathn;
} glob_t;
typedef long sigjmp_buf[128];

extern char* optarg;
extern int optind, opterr, optopt;
extern unsigned char __ctype[];
extern unsigned int __ctype_mask[];
int getopt(int, char* const[], const char*);
int regcomp(regex_t*, const char*, int);
int regexec(const regex_t*, const char*, size_t, regmatch_t*, int);
void regfree(regex_t*);
int fnmatch(const char*, const char*, int);
int glob(const char*, int, int (*)(const char*, int), glob_t*);
void globfree(glob_t*);
int sigsetjmp(sigjmp_buf, int) __attribute__((returns_twice));
void siglongjmp(sigjmp_buf, int) __attribute__((noreturn));
long strtol(const char*, char**, int);
double strtod(const char*, char**);
long long strtonum(const char*, long long, long long, const char**);
int rand(void);
size_t strlcat(char*, const char*, size_t);
int strerror_r(int, char*, size_t);
const char* strerrorname_np(int);
char* strsignal(int);
int sscanf(const char*, const char*, ...);
int asprintf(char**, const char*, ...);
int vsnprintf(char*, size_t, const char*, va_list);
int fputc(int, FILE*);
int fputs(const char*, FILE*);
int fgetc(FILE*);
int feof(FILE*);
size_t fread(void*, size_t, size_t, FILE*);
size_t fwrite(const void*, size_t, size_t, FILE*);
int fseek(FILE*, long, int);
long ftell(FILE*);
int fgetpos(FILE*, long*);
int fsetpos(FILE*, const long*);
int setvbuf(FILE*, char*, int, size_t);
FILE* freopen(const char*, const char*, FILE*);
int fileno(FILE*);
FILE* fdopen(int, const char*);
FILE* open_memstream(char**, size_t*);
char* setlocale(int, const char*);
char* nl_langinfo(int);
int wctype(const char*);
int iswctype(int, int);
int isalpha(int);
int toupper(int);
int mbtowc(int*, const char*, size_t);
double sqrt(double);
float sinf(float);
double floor(double);
int fegetround(void);
int fesetround(int);
void* dlopen(const char*, int);
void* dlsym(void*, const char*);
char* dlerror(void);
unsigned atomic_cas_32(volatile unsigned*, unsigned, unsigned);
uint64_t atomic_add_64_nv(volatile uint64_t*, long);
void err(int, const char*, ...) __attribute__((noreturn));

struct kstat_named {
  char name[31];
  unsigned char data_type;
  union {
    uint32_t ui32;
    char pad[16];
  } value;
};
struct utmpx {
  char ut_user[32], ut_id[4], ut_line[32];
  pid_t ut_pid;
  short ut_type, ut_exit[2];
  struct timeval ut_tv;
  int ut_session, pad[5];
  short ut_syslen;
  char ut_host[257];
};
extern uint64_t __stack_chk_guard;
void* kstat_open(void);
int kstat_close(void*);
void* kstat_lookup(void*, const char*, int, const char*);
int kstat_read(void*, void*, void*);
struct kstat_named* kstat_data_lookup(void*, const char*);
void setutxent(void);
struct utmpx* getutxid(const struct utmpx*);
int eventfd(unsigned, int);
int timerfd_create(int, int);

static int formatted(char* to, size_t size, const char* format, ...) {
  va_list rest;
  __builtin_va_start(rest, format);
  const int result = vsnprintf(to, size, format, rest);
  __builtin_va_end(rest);
  return result;
}

static void formats(void) {
  char text[64], *made = NULL;
  int number = 0;
  CHECK("vsnprintf", formatted(text, sizeof text, "%s %5.2f %ld %c", "a", 2.5, -7L, 'z') == 12 &&
                         strcmp(text, "a  2.50 -7 z") == 0);
  CHECK("many-doubles", snprintf(text, sizeof text, "%.0f%.0f%.0f%.0f%.0f%.0f%.0f%.0f%.0f%.0f", 1.,
                                 2., 3., 4., 5., 6., 7., 8., 9., 10.) == 11 &&
                            strcmp(text, "12345678910") == 0);
  CHECK("sscanf",
        sscanf("12 abc", "%d %3s", &number, text) == 2 && number == 12 && strcmp(text, "abc") == 0);
  CHECK("asprintf", asprintf(&made, "%d-%d", 1, 2) == 3 && strcmp(made, "1-2") == 0);
  free(made);
}

static void streams(void) {
  char path[] = "/tmp/guest-XXXXXX", file[64], text[16];
  long position = 0;
  CHECK("folder", mkdtemp(path) == path);
  snprintf(file, sizeof file, "%s/file", path);
  errno = 0;
  CHECK("fopen-none", fopen(file, "r") == NULL && errno == ENOENT);
  FILE* stream = fopen(file, "w+");
  CHECK("fopen", stream != NULL && fileno(stream) > 2);
  CHECK("fwrite", fwrite("one\ntwo\n", 1, 8, stream) == 8);
  CHECK("fseek", fseek(stream, 4, 0) == 0 && ftell(stream) == 4);
  CHECK("fgetpos", fgetpos(stream, &position) == 0 && position == 4);
  CHECK("fgets", fgets(text, sizeof text, stream) == text && strcmp(text, "two\n") == 0);
  errno = 0;
  CHECK("end", fgetc(stream) == -1 && feof(stream) && errno == 0);
  CHECK("fsetpos", fsetpos(stream, &position) == 0 && fgetc(stream) == 't');
  CHECK("fclose", fclose(stream) == 0);
  CHECK("setvbuf", (stream = fopen(file, "r")) != NULL && setvbuf(stream, NULL, _IONBF, 0) == 0);
  errno = 0;
  CHECK("read-only", fputc('x', stream) == -1 && errno == EBADF);
  CHECK("fread", fread(text, 1, sizeof text, stream) == 8 && memcmp(text, "one\ntwo\n", 8) == 0);
  fclose(stream);
  CHECK("freopen", freopen(file, "r", stdin) == stdin && fgetc(stdin) == 'o');
  char* memory = NULL;
  size_t size = 0;
  stream = open_memstream(&memory, &size);
  fprintf(stream, "%s", "kept");
  CHECK("memory", fclose(stream) == 0 && size == 4 && strcmp(memory, "kept") == 0);
  free(memory);
  CHECK("standard", fileno(stdin) == 0 && fileno(stdout) == 1 && fileno(stderr) == 2);
  unlink(file);
  rmdir(path);
}

static void numbers(void) {
  char* end = NULL;
  const char* why = NULL;
  int largest = 0;
  errno = 0;
  CHECK("strtol", strtol("-12x", &end, 10) == -12 && *end == 'x' && errno == 0);
  CHECK("strtol-range", strtol("99999999999999999999", NULL, 10) > 0 && errno == ERANGE);
  CHECK("strtod", strtod("2.5e1", &end) == 25.0 && *end == '\0');
  CHECK("strtonum", strtonum("42", 0, 100, &why) == 42 && why == NULL);
  CHECK("strtonum-large", strtonum("101", 0, 100, &why) == 0 && strcmp(why, "too large") == 0);
  for (int i = 0; i < 1000; ++i) {
    const int value = rand();
    if (value > largest) largest = value;
  }
  CHECK("rand", largest > 0 && largest <= 32767);
  CHECK("sqrt", sqrt(16.0) == 4.0 && floor(-0.5) == -1.0 && sinf(0.0F) == 0.0F);
  CHECK("rounding", fegetround() == 0 && fesetround(FE_TOWARDZERO) == 0 &&
                        fegetround() == FE_TOWARDZERO && fesetround(0) == 0);
}

static void messages(void) {
  char text[64];
  CHECK("strerror", strcmp(strerror(ENOENT), "No such file or directory") == 0 &&
                        strcmp(strerror(ECONNREFUSED), "Connection refused") == 0 &&
                        strcmp(strerror(12), "Not enough space") == 0);
  CHECK("strerror_r", strerror_r(ENOTSOCK, text, sizeof text) == 0 &&
                          strcmp(text, "Socket operation on non-socket") == 0);
  CHECK("strerror_r-small", strerror_r(ENOTSOCK, text, 4) == ERANGE);
  CHECK("errorname", strcmp(strerrorname_np(EILSEQ), "EILSEQ") == 0);
  CHECK("strsignal", strcmp(strsignal(SIGUSR1), "User Signal 1") == 0 &&
                         strcmp(strsignal(SIGCHLD), "Child Status Changed") == 0);
}

static void options(void) {
  char* const words[] = {"program", "-a", "-bvalue", "rest", "-a", NULL};
  opterr = 0;
  CHECK("getopt-a", getopt(5, words, "ab:") == 'a' && optind == 2);
  CHECK("getopt-b", getopt(5, words, "ab:") == 'b' && strcmp(optarg, "value") == 0);
  CHECK("getopt-end", getopt(5, words, "ab:") == -1 && optind == 3);
  optind = 1;
  CHECK("getopt-again", getopt(5, words, "b:") == '?' && optopt == 'a');
}

static void patterns(void) {
  regex_t pattern;
  regmatch_t matches[3];
  glob_t found;
  const char* text = "key = 42";
  CHECK("regcomp", regcomp(&pattern, "([a-z]+) = ([0-9]+)", 1) == 0 && pattern.re_nsub == 2);
  CHECK("regexec", regexec(&pattern, text, 3, matches, 0) == 0 && matches[2].rm_so == 6 &&
                       matches[2].rm_eo == 8 && matches[1].rm_sp == text);
  CHECK("regexec-none", regexec(&pattern, "?", 0, NULL, 0) == 1);
  regfree(&pattern);
  CHECK("regcomp-bad", regcomp(&pattern, "(", 1) == 8);
  CHECK("fnmatch", fnmatch("*.C", "a.c", 8) == 0 && fnmatch("*.c", "a.h", 0) == 1);
  CHECK("glob", glob("/et[c]", 0, NULL, &found) == 0 && found.gl_pathc == 1 &&
                    strcmp(found.gl_pathv[0], "/etc") == 0);
  globfree(&found);
  CHECK("glob-none", glob("/nothing*here", 0, NULL, &found) == -3);
  globfree(&found);
}

static void characters(void) {
  int wide = 0;
  CHECK("ctype", isalpha('x') && !isalpha('1') && toupper('x') == 'X');
  CHECK("masks", (__ctype_mask['A'] & 1) && (__ctype_mask['a'] & 2) &&
                     (__ctype_mask['_'] & 0x8000) && ((__ctype + 1)['7'] & 4));
  CHECK("setlocale", setlocale(LC_ALL, "C") != NULL && nl_langinfo(CODESET)[0] != '\0');
  CHECK("wctype", iswctype('5', wctype("digit")) && !iswctype('x', wctype("digit")) &&
                      wctype("nothing") == 0);
  CHECK("mbtowc", mbtowc(&wide, "q", 1) == 1 && wide == 'q');
}

static jmp_buf plain;
static sigjmp_buf masked;

static void jumps(void) {
  sigset_t set, now;
  volatile int rounds = 0;
  const int first = setjmp(plain);
  CHECK("setjmp", first == rounds);
  if (first == 0) {
    rounds = 7;
    longjmp(plain, 7);
  }
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  sigprocmask(SIG_SETMASK, NULL, &now);
  if (sigsetjmp(masked, 1) == 0) {
    sigprocmask(SIG_BLOCK, &set, NULL);
    siglongjmp(masked, 1);
  }
  sigprocmask(SIG_SETMASK, NULL, &set);
  CHECK("mask", memcmp(&set, &now, sizeof set) == 0);
}

static void loading(void) {
  CHECK("dlsym", dlsym(RTLD_DEFAULT, "strlcpy") != NULL);
  CHECK("dlopen-none",
        dlopen("/tmp/library.so", 1) == NULL && dlerror() != NULL && dlerror() == NULL);
}

static void atomics(void) {
  volatile unsigned word = 5;
  volatile uint64_t wide = 1;
  CHECK("cas", atomic_cas_32(&word, 5, 9) == 5 && word == 9 && atomic_cas_32(&word, 5, 1) == 9);
  CHECK("add", atomic_add_64_nv(&wide, -3) == (uint64_t)-2);
}

static void statistics(void) {
  struct utmpx boot;
  void* control = kstat_open();
  void* system = kstat_lookup(control, "unix", 0, "system_misc");
  CHECK("kstat", system != NULL && kstat_read(control, system, NULL) != -1 &&
                     kstat_data_lookup(system, "ncpus")->value.ui32 >= 1 &&
                     kstat_data_lookup(system, "boot_time")->value.ui32 > 1000000000);
  CHECK("kstat-none", kstat_lookup(control, "nothing", -1, NULL) == NULL && errno == ENOENT);
  CHECK("kstat-close", kstat_close(control) == 0);
  memset(&boot, 0, sizeof boot);
  boot.ut_type = 2;
  setutxent();
  struct utmpx* found = getutxid(&boot);
  CHECK("utmpx", found == NULL || found->ut_type == 2);
}

static void event_files(void) {
  uint64_t count = 0;
  const int fd = eventfd(3, 04000);
  CHECK("eventfd", read(fd, &count, sizeof count) == sizeof count && count == 3 &&
                       read(fd, &count, sizeof count) == -1 && errno == EAGAIN);
  close(fd);
  const int timer = timerfd_create(CLOCK_MONOTONIC, 0);
  CHECK("timerfd", timer >= 0 && close(timer) == 0);
  CHECK("guard", __stack_chk_guard != 0 && (__stack_chk_guard & 0xff) == 0);
}

int main(void) {
  formats();
  streams();
  numbers();
  messages();
  options();
  patterns();
  characters();
  jumps();
  loading();
  atomics();
  statistics();
  event_files();
  return check_status();
}
