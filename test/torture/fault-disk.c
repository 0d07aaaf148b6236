/*
 * A disk that fails on demand and tells what it was asked, preloaded into a server.
 *
 * It stands before the functions of the C library that SQLite calls on files whose path begins
 * with $FAULT_DISK_DB: the database, and what SQLite puts beside it.
 *
 * To $FAULT_DISK_LOG it appends what was done to them: a write before it is done, a sync after it,
 * so that what the log says is synced is synced, whenever the process is killed. The index of the
 * log (-shm) is left out: it lives in shared memory, and is made anew after a power cut.
 *
 * $FAULT_DISK_CONTROL is mapped: see struct control.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum kind { OPEN = 0, READ = 1, WRITE = 2, TRUNCATE = 3, SYNC = 4, UNLINK = 5 };

struct control {
  int32_t after;    /* operations to let pass first */
  int32_t left;     /* operations to fail then; -1: until it is put to 0 */
  int32_t error;    /* the errno to fail with; 0: only stall */
  int32_t stall_ms; /* how long each takes before it fails, or is done; ends early when `left` is 0 */
  int32_t kinds;    /* bits of those that count here */
  int32_t torn;     /* a write that fails is half done before */
  int32_t main_only; /* only operations on the database's own file count */
  int32_t seen;     /* counts operations of those kinds */
  int32_t failed;   /* counts those that failed or stalled */
  int32_t kinds_failed; /* bits of what kinds they were */
};

#define NAME_MAX_LENGTH 23
struct record {
  uint64_t ns; /* monotonic clock */
  int64_t offset;
  uint32_t length; /* bytes that follow */
  uint16_t kind;
  uint16_t error;
  char name[NAME_MAX_LENGTH + 1]; /* what follows the database's path; "/" for the folder */
};

#define FILES_MAX 4096
static char names[FILES_MAX][NAME_MAX_LENGTH + 1];
static unsigned char known[FILES_MAX];
static const char *db;
static size_t db_length;
static char folder[4096];
static int log_fd = -1;
static volatile struct control *control;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static int (*real_open)(const char *, int, ...);
static int (*real_close)(int);
static ssize_t (*real_read)(int, void *, size_t);
static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_pread)(int, void *, size_t, off_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static int (*real_ftruncate)(int, off_t);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static int (*real_unlink)(const char *);

__attribute__((constructor)) static void start(void) {
  real_open = dlsym(RTLD_NEXT, "open64");
  real_close = dlsym(RTLD_NEXT, "close");
  real_read = dlsym(RTLD_NEXT, "read");
  real_write = dlsym(RTLD_NEXT, "write");
  real_pread = dlsym(RTLD_NEXT, "pread64");
  real_pwrite = dlsym(RTLD_NEXT, "pwrite64");
  real_ftruncate = dlsym(RTLD_NEXT, "ftruncate64");
  real_fsync = dlsym(RTLD_NEXT, "fsync");
  real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
  real_unlink = dlsym(RTLD_NEXT, "unlink");
  const char *path = getenv("FAULT_DISK_DB");
  if (path == NULL) return;
  db_length = strlen(path);
  strncpy(folder, path, sizeof folder - 1);
  char *slash = strrchr(folder, '/');
  if (slash == NULL) abort();
  *slash = 0;
  const char *log_path = getenv("FAULT_DISK_LOG");
  if (log_path != NULL && (log_fd = real_open(log_path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600)) < 0) abort();
  const char *control_path = getenv("FAULT_DISK_CONTROL");
  if (control_path != NULL) {
    int fd = real_open(control_path, O_RDWR | O_CLOEXEC);
    void *at = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (fd < 0 || at == MAP_FAILED) abort();
    real_close(fd);
    control = at;
  }
  db = path;
}

static const char *name_of_path(const char *path) {
  if (db == NULL || path == NULL) return NULL;
  if (strcmp(path, folder) == 0) return "/";
  if (strncmp(path, db, db_length) != 0 || strlen(path) - db_length > NAME_MAX_LENGTH) return NULL;
  return path + db_length;
}

static const char *name_of(int fd) {
  return db != NULL && fd >= 0 && fd < FILES_MAX && known[fd] ? names[fd] : NULL;
}

static void tell(enum kind kind, const char *name, int64_t offset, const void *bytes, size_t length, int error) {
  if (log_fd < 0 || strcmp(name, "-shm") == 0) return;
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  struct record record = {(uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec, offset, (uint32_t)length, kind, (uint16_t)error, ""};
  strncpy(record.name, name, NAME_MAX_LENGTH);
  struct iovec parts[2] = {{&record, sizeof record}, {(void *)bytes, length}};
  pthread_mutex_lock(&mutex);
  if (writev(log_fd, parts, length == 0 ? 1 : 2) != (ssize_t)(sizeof record + length)) abort();
  pthread_mutex_unlock(&mutex);
}

static int takes(enum kind kind, const char *name) {
  pthread_mutex_lock(&mutex);
  int is_taken = 0;
  if ((control->kinds & (1 << kind)) && (name[0] == 0 || !control->main_only)) {
    control->seen++;
    if (control->left != 0 && control->after-- <= 0) {
      if (control->left > 0) control->left--;
      control->failed++;
      control->kinds_failed |= 1 << kind;
      is_taken = 1;
    }
  }
  pthread_mutex_unlock(&mutex);
  return is_taken;
}

/* The errno that an operation is to fail with; 0 if it is to be done. */
static int fault(enum kind kind, const char *name) {
  if (control == NULL || !takes(kind, name)) return 0;
  int error = control->error, one_shot = control->left == 0;
  for (int ms = 0; ms < control->stall_ms && (one_shot || control->left != 0); ms++) usleep(1000);
  return error;
}

#define FAIL_IF_ASKED(kind, name) \
  do { \
    int error = fault(kind, name); \
    if (error != 0) { \
      errno = error; \
      return -1; \
    } \
  } while (0)

static int open_known(const char *path, int flags, mode_t mode) {
  const char *name = name_of_path(path);
  if (name == NULL) return real_open(path, flags, mode);
  FAIL_IF_ASKED(OPEN, name);
  int is_new = (flags & O_CREAT) && access(path, F_OK) != 0;
  if (is_new) tell(OPEN, name, 0, NULL, 0, 0);
  int fd = real_open(path, flags, mode);
  if (fd >= 0 && fd < FILES_MAX) {
    strcpy(names[fd], name);
    known[fd] = 1;
  }
  return fd;
}

int open64(const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  return open_known(path, flags, mode);
}

int open(const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  return open_known(path, flags, mode);
}

int close(int fd) {
  if (name_of(fd) != NULL) known[fd] = 0;
  return real_close(fd);
}

ssize_t read(int fd, void *bytes, size_t length) {
  const char *name = name_of(fd);
  if (name != NULL) FAIL_IF_ASKED(READ, name);
  return real_read(fd, bytes, length);
}

ssize_t pread64(int fd, void *bytes, size_t length, off_t offset) {
  const char *name = name_of(fd);
  if (name != NULL) FAIL_IF_ASKED(READ, name);
  return real_pread(fd, bytes, length, offset);
}

ssize_t pread(int fd, void *bytes, size_t length, off_t offset) {
  return pread64(fd, bytes, length, offset);
}

static int write_fault(const char *name, int fd, const void *bytes, size_t length, off_t offset) {
  int error = fault(WRITE, name);
  if (error != 0 && control->torn) {
    tell(WRITE, name, offset, bytes, length / 2, 0);
    if (real_pwrite(fd, bytes, length / 2, offset) < 0) abort();
  }
  return error;
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off_t offset) {
  const char *name = name_of(fd);
  if (name == NULL) return real_pwrite(fd, bytes, length, offset);
  int error = write_fault(name, fd, bytes, length, offset);
  if (error != 0) {
    errno = error;
    return -1;
  }
  tell(WRITE, name, offset, bytes, length, 0);
  return real_pwrite(fd, bytes, length, offset);
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) {
  return pwrite64(fd, bytes, length, offset);
}

ssize_t write(int fd, const void *bytes, size_t length) {
  const char *name = name_of(fd);
  if (name == NULL) return real_write(fd, bytes, length);
  off_t offset = lseek(fd, 0, SEEK_CUR);
  int error = write_fault(name, fd, bytes, length, offset);
  if (error != 0) {
    errno = error;
    return -1;
  }
  tell(WRITE, name, offset, bytes, length, 0);
  return real_write(fd, bytes, length);
}

int ftruncate64(int fd, off_t length) {
  const char *name = name_of(fd);
  if (name != NULL) {
    FAIL_IF_ASKED(TRUNCATE, name);
    tell(TRUNCATE, name, length, NULL, 0, 0);
  }
  return real_ftruncate(fd, length);
}

int ftruncate(int fd, off_t length) {
  return ftruncate64(fd, length);
}

/* When a sync fails, the system may have given up on what was written before: see fsync(2). */
static int sync_known(int (*sync)(int), int fd) {
  const char *name = name_of(fd);
  if (name == NULL) return sync(fd);
  int error = fault(SYNC, name);
  if (error == 0 && sync(fd) != 0) error = errno;
  tell(SYNC, name, 0, NULL, 0, error);
  if (error == 0) return 0;
  errno = error;
  return -1;
}

int fsync(int fd) {
  return sync_known(real_fsync, fd);
}

int fdatasync(int fd) {
  return sync_known(real_fdatasync, fd);
}

int unlink(const char *path) {
  const char *name = name_of_path(path);
  if (name != NULL) {
    FAIL_IF_ASKED(UNLINK, name);
    tell(UNLINK, name, 0, NULL, 0, 0);
  }
  return real_unlink(path);
}
