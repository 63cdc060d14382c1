// Tells a ring buffer what happens in the containers of pods: programs that start, files of the watch list that are opened, connections that are made.
// It decides nothing: internal/ says which cgroups are looked at, and what a record is worth.
#include <stdbool.h>
#include "kernel.h"
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

enum kind { EXEC = 1, FORK, EXIT, OPEN, CONNECT, CGROUP };

enum flag {
  UPPER = 1,       // the file lies in the upper layer of an overlay
  OVERLAY = 2,     // the file lies in an overlay
  MEMORY = 4,      // the file exists in memory only: tmpfs, memfd
  ARGS_CUT = 8,    // more arguments than there is room for
  ARGS_UNREAD = 16,// the arguments could not be read
  PATH_CUT = 32,   // longer than there is room for
  WRITE = 64,      // opened for writing
  UDP = 128,
  UNREAD = 256,    // the address of a connection could not be read
  ROOT = 512,      // the file lies in the root file system of the container
  WATCHED = 1024,  // the file or a folder above it has a name of the watch list
};

// What user space made of a cgroup.
enum verdict { UNKNOWN, IGNORED, OBSERVED };

#define PATH_ROOM 1024
#define NAME_ROOM 256
#define ARGS_ROOM 8192
#define PATH_DEPTH 40
#define CGROUP_DEPTH 14
#define PID_LEVELS 4
#define SECOND_NS 1000000000LL

#define OVERLAYFS_MAGIC 0x794c7630
#define TMPFS_MAGIC 0x01021994
#define HUGETLBFS_MAGIC 0x958458f6
#define AF_INET 2
#define AF_INET6 10
#define SOCK_STREAM 1
#define SOCK_DGRAM 2
#define FMODE_WRITE 2
#define FMODE_PATH 0x4000

struct event {
  u64 time; // since boot, nanoseconds
  u64 cgroup;
  u64 parent_cgroup;
  s64 changed; // when the executed file was last changed, nanoseconds since the epoch
  u32 kind;
  u32 flags;
  u32 pid;
  u32 ppid;
  u32 uid;
  u32 mounts; // mount namespace
  u32 parent_mounts;
  u32 path_length; // bytes after this record: names from the last to the first, each with a NUL
  u32 args_length; // bytes after those: arguments, each with a NUL
  u16 port;
  u16 family;
  u8 address[16];
};

struct scratch {
  struct event event;
  char data[PATH_ROOM + NAME_ROOM + ARGS_ROOM];
};

// Set before the programs are loaded.
const volatile u32 pid_namespace_inum = 0; // of the sensor's /proc
const volatile s32 hierarchy = -1;         // index of the cgroup v1 controller that tells containers apart; -1: cgroup v2

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 1 << 24);
} events SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, u32);
  __type(value, u64);
} lost SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, 16384);
  __type(key, u64);
  __type(value, u32);
} cgroups SEC(".maps");

struct name {
  char text[32];
};

// Names of watched files and of folders all files of which are watched; user space looks closer.
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 256);
  __type(key, struct name);
  __type(value, u32);
} watched SEC(".maps");

// One for each program: one may interrupt another.
struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, 8);
  __type(key, u32);
  __type(value, struct scratch);
} scratches SEC(".maps");

struct event *unused_event __attribute__((unused));

static __always_inline void count_lost(void) {
  u32 zero = 0;
  u64 *count = bpf_map_lookup_elem(&lost, &zero);
  if (count)
    __sync_fetch_and_add(count, 1);
}

static __always_inline int send(struct scratch *s, u32 length) {
  u32 size = sizeof(struct event) + length;
  if (size > sizeof(struct scratch))
    return -1;
  int failed = bpf_ringbuf_output(&events, s, size, 0);
  if (failed)
    count_lost();
  return failed;
}

static __always_inline struct scratch *scratch_for(u32 kind) {
  struct scratch *s = bpf_map_lookup_elem(&scratches, &kind);
  if (s) {
    __builtin_memset(&s->event, 0, sizeof(s->event));
    s->event.kind = kind;
    s->event.time = bpf_ktime_get_boot_ns();
  }
  return s;
}

// The process id as the sensor's /proc has it; 0 where it is not visible there, as processes beside a node that is a container itself.
static __noinline u32 pid_of(struct task_struct *task) {
  struct pid *pid = BPF_CORE_READ(task, signal, pids[1]);
  if (!pid)
    return 0;
  u32 level = BPF_CORE_READ(pid, level);
  void *numbers = (void *)pid + bpf_core_field_offset(pid->numbers);
  for (u32 i = 0; i < PID_LEVELS; i++) {
    if (i > level)
      return 0;
    struct upid *at = numbers + i * bpf_core_type_size(struct upid);
    if (BPF_CORE_READ(at, ns, ns.inum) == pid_namespace_inum)
      return BPF_CORE_READ(at, nr);
  }
  return 0;
}

static __always_inline struct kernfs_node *cgroup_of(struct task_struct *task) {
  if (hierarchy < 0)
    return BPF_CORE_READ(task, cgroups, dfl_cgrp, kn);
  struct css_set *set = BPF_CORE_READ(task, cgroups);
  void *slot = (void *)set + bpf_core_field_offset(set->subsys) + hierarchy * sizeof(void *);
  struct cgroup_subsys_state *state = 0;
  bpf_probe_read_kernel(&state, sizeof(state), slot);
  return BPF_CORE_READ(state, cgroup, kn);
}

static __always_inline struct kernfs_node *parent_of(struct kernfs_node *node) {
  if (bpf_core_field_exists(node->parent))
    return BPF_CORE_READ(node, parent);
  struct kernfs_node___renamed *renamed = (void *)node;
  return BPF_CORE_READ(renamed, __parent);
}

// Appends a name to those of a path or cgroup; false where there is no room.
static __always_inline bool append(struct scratch *s, const void *name) {
  // Kept in the map: the verifier would follow every length that a variable may have.
  u32 length = s->event.path_length;
  if (length > PATH_ROOM - 1)
    return false;
  long read = bpf_probe_read_kernel_str(&s->data[length], NAME_ROOM, name);
  if (read <= 0)
    return false;
  s->event.path_length = length + read;
  return true;
}

static __always_inline u32 path_length(struct scratch *s) {
  u32 length = s->event.path_length;
  return length > PATH_ROOM + NAME_ROOM ? 0 : length;
}

// Tells user space the path of a cgroup that it has not seen yet, before anything that happens in it.
static __always_inline int announce(u64 id, struct kernfs_node *node) {
  u32 unknown = UNKNOWN;
  if (bpf_map_update_elem(&cgroups, &id, &unknown, BPF_NOEXIST))
    return 0;
  struct scratch *s = scratch_for(CGROUP);
  if (!s)
    return -1;
  s->event.cgroup = id;
  for (int i = 0; i < CGROUP_DEPTH; i++) {
    struct kernfs_node *above = parent_of(node);
    // The root has no name.
    if (!above || !append(s, BPF_CORE_READ(node, name)))
      break;
    node = above;
  }
  if (send(s, path_length(s))) {
    bpf_map_delete_elem(&cgroups, &id);
    return -1;
  }
  return 0;
}

// The task's cgroup where what happens in it is to be told; 0 where not.
static __always_inline u64 observed(struct task_struct *task) {
  struct kernfs_node *node = cgroup_of(task);
  u64 id = BPF_CORE_READ(node, id);
  u32 *verdict = bpf_map_lookup_elem(&cgroups, &id);
  if (verdict)
    return *verdict == IGNORED ? 0 : id;
  announce(id, node);
  return id;
}

static __always_inline void look_up(struct scratch *s, const void *text, u32 bit) {
  struct name name = {};
  bpf_probe_read_kernel_str(&name, sizeof(name), text);
  u32 *found = bpf_map_lookup_elem(&watched, &name);
  if (found && *found & bit)
    s->event.flags |= WATCHED;
}

// Writes the names of the file's path, from the last to the first, up to the root of the task.
static __always_inline void path_of(struct scratch *s, struct task_struct *task, struct file *file) {
  struct vfsmount *mount = BPF_CORE_READ(file, f_path.mnt);
  struct dentry *dentry = BPF_CORE_READ(file, f_path.dentry);
  struct dentry *root = BPF_CORE_READ(task, fs, root.dentry);
  struct vfsmount *root_mount = BPF_CORE_READ(task, fs, root.mnt);
  bool whole = false;
  for (int i = 0; i < PATH_DEPTH; i++) {
    if (dentry == root && mount == root_mount) {
      whole = true;
      break;
    }
    struct dentry *parent = BPF_CORE_READ(dentry, d_parent);
    if (dentry == BPF_CORE_READ(mount, mnt_root)) {
      struct mount *real = (void *)mount - bpf_core_field_offset(struct mount, mnt);
      struct mount *above = BPF_CORE_READ(real, mnt_parent);
      if (above == real) {
        whole = true;
        break;
      }
      dentry = BPF_CORE_READ(real, mnt_mountpoint);
      mount = (void *)above + bpf_core_field_offset(struct mount, mnt);
      continue;
    }
    const void *name = BPF_CORE_READ(dentry, d_name.name);
    if (s->event.kind == OPEN)
      look_up(s, name, s->event.path_length == 0 ? 1 : 2);
    if (!append(s, name))
      break;
    if (dentry == parent) { // in no folder, as a memfd
      whole = true;
      break;
    }
    dentry = parent;
  }
  if (!whole)
    s->event.flags |= PATH_CUT;
}

static __always_inline s64 change_time(struct inode *inode) {
  struct inode___since_6_11 *newest = (void *)inode;
  // The highest bit says that somebody has asked for it.
  if (bpf_core_field_exists(newest->i_ctime_sec))
    return BPF_CORE_READ(newest, i_ctime_sec) * SECOND_NS + (BPF_CORE_READ(newest, i_ctime_nsec) & 0x7fffffff);
  struct inode___before_6_11 *newer = (void *)inode;
  if (bpf_core_field_exists(newer->__i_ctime))
    return BPF_CORE_READ(newer, __i_ctime.tv_sec) * SECOND_NS + (BPF_CORE_READ(newer, __i_ctime.tv_nsec) & 0x7fffffff);
  struct inode___before_6_6 *older = (void *)inode;
  return BPF_CORE_READ(older, i_ctime.tv_sec) * SECOND_NS + BPF_CORE_READ(older, i_ctime.tv_nsec);
}

// Where the executed file lies.
static __always_inline void layer_of(struct scratch *s, struct task_struct *task, struct file *file) {
  struct inode *inode = BPF_CORE_READ(file, f_inode);
  unsigned long magic = BPF_CORE_READ(inode, i_sb, s_magic);
  s->event.changed = change_time(inode);
  if (BPF_CORE_READ(inode, i_sb) == BPF_CORE_READ(task, fs, root.mnt, mnt_sb))
    s->event.flags |= ROOT;
  if (magic == TMPFS_MAGIC || magic == HUGETLBFS_MAGIC)
    s->event.flags |= MEMORY;
  if (magic != OVERLAYFS_MAGIC)
    return;
  s->event.flags |= OVERLAY;
  // struct ovl_inode is in no BTF where overlayfs is a module; __upperdentry follows its vfs_inode in every version.
  void *upper = 0;
  bpf_probe_read_kernel(&upper, sizeof(upper), (void *)inode + bpf_core_type_size(struct inode));
  if (upper)
    s->event.flags |= UPPER;
}

// Who it is that does something.
static __always_inline void describe(struct scratch *s, struct task_struct *task, u64 cgroup, u32 pid) {
  struct task_struct *parent = BPF_CORE_READ(task, real_parent);
  s->event.cgroup = cgroup;
  s->event.parent_cgroup = BPF_CORE_READ(cgroup_of(parent), id);
  s->event.pid = pid;
  s->event.ppid = pid_of(parent);
  s->event.uid = BPF_CORE_READ(task, cred, uid.val);
  s->event.mounts = BPF_CORE_READ(task, nsproxy, mnt_ns, ns.inum);
  s->event.parent_mounts = BPF_CORE_READ(parent, nsproxy, mnt_ns, ns.inum);
}

SEC("raw_tp/sched_process_exec")
int on_exec(struct bpf_raw_tracepoint_args *ctx) {
  struct task_struct *task = (void *)ctx->args[0];
  u64 cgroup = observed(task);
  u32 pid = cgroup ? pid_of(task) : 0;
  if (!pid)
    return 0;
  struct scratch *s = scratch_for(EXEC);
  if (!s)
    return 0;
  struct event *e = &s->event;
  describe(s, task, cgroup, pid);
  struct file *file = BPF_CORE_READ(task, mm, exe_file);
  path_of(s, task, file);
  u32 length = path_length(s);
  layer_of(s, task, file);

  unsigned long begin = BPF_CORE_READ(task, mm, arg_start);
  unsigned long size = BPF_CORE_READ(task, mm, arg_end) - begin;
  if (size > ARGS_ROOM - 1) {
    size = ARGS_ROOM - 1;
    e->flags |= ARGS_CUT;
  }
  size &= ARGS_ROOM - 1;
  if (bpf_probe_read_user(&s->data[length], size, (void *)begin)) {
    size = 0;
    e->flags |= ARGS_UNREAD;
  }
  e->args_length = size;
  send(s, length + size);
  return 0;
}

SEC("raw_tp/sched_process_fork")
int on_fork(struct bpf_raw_tracepoint_args *ctx) {
  struct task_struct *parent = (void *)ctx->args[0];
  struct task_struct *child = (void *)ctx->args[1];
  if (BPF_CORE_READ(child, pid) != BPF_CORE_READ(child, tgid))
    return 0; // a thread
  u64 cgroup = observed(parent);
  u32 pid = cgroup ? pid_of(child) : 0;
  if (!pid)
    return 0;
  struct scratch *s = scratch_for(FORK);
  if (!s)
    return 0;
  s->event.cgroup = cgroup;
  s->event.pid = pid;
  s->event.ppid = pid_of(parent);
  send(s, 0);
  return 0;
}

SEC("raw_tp/sched_process_exit")
int on_exit(struct bpf_raw_tracepoint_args *ctx) {
  struct task_struct *task = (void *)ctx->args[0];
  if (BPF_CORE_READ(task, signal, live.counter) > 0)
    return 0; // other threads go on
  u64 cgroup = observed(task);
  u32 pid = cgroup ? pid_of(task) : 0;
  if (!pid)
    return 0;
  struct scratch *s = scratch_for(EXIT);
  if (!s)
    return 0;
  s->event.cgroup = cgroup;
  s->event.pid = pid;
  send(s, 0);
  return 0;
}

static __always_inline struct file *file_at(struct task_struct *task, u32 descriptor) {
  struct fdtable *table = BPF_CORE_READ(task, files, fdt);
  if (descriptor >= BPF_CORE_READ(table, max_fds))
    return 0;
  struct file *file = 0;
  bpf_probe_read_kernel(&file, sizeof(file), BPF_CORE_READ(table, fd) + descriptor);
  return file;
}

#if defined(__TARGET_ARCH_x86)
#define FIRST(regs) BPF_CORE_READ(regs, di)
#define SECOND(regs) BPF_CORE_READ(regs, si)
#define CALL(regs) BPF_CORE_READ(regs, orig_ax)
#define IS_OPEN(nr) ((nr) == 257 || (nr) == 2 || (nr) == 437 || (nr) == 85)
#define IS_CONNECT(nr) ((nr) == 42)
// TS_COMPAT: a call of 32 bits, with other numbers.
#define IS_COMPAT(task) (BPF_CORE_READ(task, thread_info.status) & 2)
#elif defined(__TARGET_ARCH_arm64)
#define FIRST(regs) BPF_CORE_READ(regs, orig_x0)
#define SECOND(regs) BPF_CORE_READ(regs, regs[1])
#define CALL(regs) BPF_CORE_READ(regs, syscallno)
#define IS_OPEN(nr) ((nr) == 56 || (nr) == 437)
#define IS_CONNECT(nr) ((nr) == 203)
// TIF_32BIT
#define IS_COMPAT(task) (BPF_CORE_READ(task, thread_info.flags) & (1 << 22))
#endif

// When an open has succeeded the descriptor leads to the file itself: no link or second thread can make it look like another.
SEC("raw_tp/sys_exit")
int on_open(struct bpf_raw_tracepoint_args *ctx) {
  struct pt_regs *regs = (void *)ctx->args[0];
  long result = ctx->args[1];
  long nr = CALL(regs);
  if (!IS_OPEN(nr) || result < 0)
    return 0;
  struct task_struct *task = (void *)bpf_get_current_task();
  if (IS_COMPAT(task))
    return 0;
  u64 cgroup = observed(task);
  if (!cgroup)
    return 0;
  struct file *file = file_at(task, result);
  u32 mode = file ? BPF_CORE_READ(file, f_mode) : FMODE_PATH;
  struct scratch *s = mode & FMODE_PATH ? 0 : scratch_for(OPEN);
  if (!s)
    return 0;
  path_of(s, task, file);
  u32 pid = s->event.flags & WATCHED ? pid_of(task) : 0;
  if (!pid)
    return 0;
  describe(s, task, cgroup, pid);
  if (mode & FMODE_WRITE)
    s->event.flags |= WRITE;
  send(s, path_length(s));
  return 0;
}

// As the call begins: an attempt counts, and one that nobody answers ends minutes later.
SEC("raw_tp/sys_enter")
int on_connect(struct bpf_raw_tracepoint_args *ctx) {
  struct pt_regs *regs = (void *)ctx->args[0];
  if (!IS_CONNECT(ctx->args[1]))
    return 0;
  struct task_struct *task = (void *)bpf_get_current_task();
  if (IS_COMPAT(task))
    return 0;
  u64 cgroup = observed(task);
  u32 pid = cgroup ? pid_of(task) : 0;
  if (!pid)
    return 0;
  struct scratch *s = scratch_for(CONNECT);
  if (!s)
    return 0;
  struct {
    u16 family;
    u16 port;
    u8 v4[4]; // IPv6: flow
    u8 v6[16];
  } to = {};
  void *address = (void *)SECOND(regs);
  if (bpf_probe_read_user(&to, 8, address)) {
    s->event.flags |= UNREAD;
  } else if (to.family == AF_INET) {
    __builtin_memcpy(s->event.address, to.v4, 4);
  } else if (to.family == AF_INET6) {
    if (bpf_probe_read_user(s->event.address, 16, address + 8))
      s->event.flags |= UNREAD;
  } else
    return 0;
  struct file *file = file_at(task, FIRST(regs));
  struct socket *socket = file ? BPF_CORE_READ(file, private_data) : 0;
  short type = socket ? BPF_CORE_READ(socket, type) : 0;
  if (type == SOCK_DGRAM)
    s->event.flags |= UDP;
  else if (type != SOCK_STREAM)
    return 0;
  s->event.family = to.family;
  s->event.port = bpf_ntohs(to.port);
  describe(s, task, cgroup, pid);
  send(s, 0);
  return 0;
}
