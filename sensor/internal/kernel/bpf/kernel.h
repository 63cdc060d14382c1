// The kernel's types, only with the fields that are read: CO-RE finds where they lie in the kernel that runs.
#pragma once

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef int s32;
typedef unsigned long long u64;
typedef long long s64;

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct ns_common {
  u32 inum;
};
struct pid_namespace {
  struct ns_common ns;
};
struct upid {
  int nr;
  struct pid_namespace *ns;
};
struct pid {
  u32 level;
  struct upid numbers[1];
};
struct mnt_namespace {
  struct ns_common ns;
};
struct nsproxy {
  struct mnt_namespace *mnt_ns;
};

struct kernfs_node {
  struct kernfs_node *parent;
  const char *name;
  u64 id;
};
// Since Linux 6.15.
struct kernfs_node___renamed {
  struct kernfs_node *__parent;
};
struct cgroup {
  struct kernfs_node *kn;
};
struct cgroup_subsys_state {
  struct cgroup *cgroup;
};
struct css_set {
  struct cgroup_subsys_state *subsys[4];
  struct cgroup *dfl_cgrp;
};

struct qstr {
  const unsigned char *name;
};
struct super_block {
  unsigned long s_magic;
};
struct inode {
  struct super_block *i_sb;
};
struct timespec64 {
  s64 tv_sec;
  long tv_nsec;
};
// The time of the last change has changed its name twice.
struct inode___before_6_6 {
  struct timespec64 i_ctime;
};
struct inode___before_6_11 {
  struct timespec64 __i_ctime;
};
struct inode___since_6_11 {
  s64 i_ctime_sec;
  u32 i_ctime_nsec;
};
struct dentry {
  struct dentry *d_parent;
  struct qstr d_name;
};
struct vfsmount {
  struct dentry *mnt_root;
  struct super_block *mnt_sb;
};
struct mount {
  struct mount *mnt_parent;
  struct dentry *mnt_mountpoint;
  struct vfsmount mnt;
};
struct path {
  struct vfsmount *mnt;
  struct dentry *dentry;
};
struct file {
  struct path f_path;
  struct inode *f_inode;
  u32 f_mode;
  void *private_data;
};
struct socket {
  short type;
};
struct fdtable {
  u32 max_fds;
  struct file **fd;
};
struct files_struct {
  struct fdtable *fdt;
};
struct fs_struct {
  struct path root;
};
struct mm_struct {
  unsigned long arg_start;
  unsigned long arg_end;
  struct file *exe_file;
};
typedef struct {
  u32 val;
} kuid_t;
struct cred {
  kuid_t uid;
};
typedef struct {
  int counter;
} atomic_t;
struct signal_struct {
  atomic_t live;
  struct pid *pids[4];
};
struct thread_info {
  unsigned long flags;
  u32 status;
};
struct task_struct {
  struct thread_info thread_info;
  int pid;
  int tgid;
  struct task_struct *real_parent;
  struct mm_struct *mm;
  const struct cred *cred;
  struct fs_struct *fs;
  struct files_struct *files;
  struct nsproxy *nsproxy;
  struct signal_struct *signal;
  struct css_set *cgroups;
};

#if defined(__TARGET_ARCH_x86)
struct pt_regs {
  unsigned long di;
  unsigned long si;
  unsigned long orig_ax;
};
#elif defined(__TARGET_ARCH_arm64)
struct pt_regs {
  u64 regs[31];
  u64 orig_x0;
  s32 syscallno;
};
#endif

#pragma clang attribute pop
