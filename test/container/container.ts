import { execFile, spawn } from 'node:child_process'
import { chownSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { root, watchProcess } from '../support/process.ts'

const execute = promisify(execFile)

/** An image as build.sh left it: the part of its configuration that a run needs, and a root made from it. */
export interface Image {
  root: string
  config: {
    User: string
    Env: string[]
    Entrypoint: string[]
    Cmd: string[]
    WorkingDir: string
    Volumes: Record<string, object>
    ExposedPorts: Record<string, object>
    Healthcheck: { Test: string[] }
  }
}

/** Builds the Dockerfile, which takes about a minute the first time. */
export async function buildImage(): Promise<Image> {
  const script = join(root, 'test/container/build.sh')
  const { stdout, stderr } = await execute('bash', [script], { maxBuffer: 64 * 1024 * 1024 })
  process.stderr.write(`\n${/^\*\*\*.*$/m.exec(stderr)?.[0]}\n\n`)
  const { MountPoint, Docker } = JSON.parse(stdout) as {
    MountPoint: string
    Docker: { config: Image['config'] }
  }
  return { root: MountPoint, config: Docker.config }
}

/** `docker run --read-only --cap-drop ALL --security-opt no-new-privileges --network host`, by runc itself. */
export interface Container {
  /** All it logged so far. */
  output(): string
  /** Resolves when it logged this; rejects when it ended before. */
  said(pattern: RegExp): Promise<void>
  /** The exit code, when it ended by itself. */
  readonly ended: Promise<number | null>
  /** `docker exec`, as the container's own user. Resolves also when the command fails. */
  exec(...command: string[]): Promise<{ code: number; stdout: string; stderr: string }>
  /** Sends the signal to its process 1, and resolves with the exit code. Harmless when it has ended. */
  stop(signal: NodeJS.Signals): Promise<number | null>
}

export interface RunOptions {
  folder: string
  data: string
  env: Record<string, string>
  /** In place of the image's own. */
  command?: string[]
}

/** `folder` keeps what runc needs to know, `data` is mounted as the image's volume, with the owner it has in the image. */
export async function runContainer(
  image: Image,
  { folder, data, env, command = image.config.Cmd }: RunOptions,
): Promise<Container> {
  const name = 'chat-api'
  const state = ['--root', join(folder, 'runc')]
  rmSync(join(folder, 'config.json'), { force: true })
  await execute('runc', ['spec', '--bundle', folder])
  const [volume = ''] = Object.keys(image.config.Volumes)
  const { uid, gid } = statSync(join(image.root, volume))
  chownSync(data, uid, gid)
  const spec = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'))
  writeFileSync(join(folder, 'config.json'), JSON.stringify(confine(spec, image, data, env, command)))

  const child = spawn('runc', [...state, 'run', '--bundle', folder, name])
  const { output, ended } = watchProcess(child)

  return {
    output,
    ended,
    said: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => pattern.test(output()) && resolve()
        child.stdout.on('data', look)
        look()
        ended.then((code) => reject(new Error(`ended with ${code}:\n${output()}`)))
      }),
    exec: (...command) =>
      execute('runc', [...state, 'exec', name, ...command]).then(
        (done) => ({ code: 0, ...done }),
        ({ code, stdout, stderr }) => ({ code, stdout, stderr }),
      ),
    async stop(signal) {
      if (child.exitCode === null) await execute('runc', [...state, 'kill', name, signal])
      return ended
    },
  }
}

interface Spec {
  process: Record<string, unknown>
  mounts: { destination: string; type: string; source: string; options?: string[] }[]
  linux: { namespaces: { type: string }[] }
}

/** What Docker makes of the image's configuration and of the options that are named above. */
function confine(
  spec: Spec,
  { root, config }: Image,
  data: string,
  env: Record<string, string>,
  command: string[],
): object {
  const [uid, gid] = config.User.split(':').map(Number)
  const [volume = ''] = Object.keys(config.Volumes)
  return {
    ...spec,
    root: { path: root, readonly: true },
    process: {
      ...spec.process,
      terminal: false,
      user: { uid, gid },
      args: [...config.Entrypoint, ...command],
      env: [...config.Env, ...Object.entries(env).map(([key, value]) => `${key}=${value}`)],
      cwd: config.WorkingDir,
      capabilities: { bounding: [], effective: [], inheritable: [], permitted: [], ambient: [] },
      noNewPrivileges: true,
    },
    mounts: [
      ...spec.mounts.filter(({ type }) => type !== 'cgroup'),
      { destination: volume, type: 'bind', source: data, options: ['rbind', 'rw'] },
    ],
    linux: { ...spec.linux, namespaces: spec.linux.namespaces.filter(({ type }) => type !== 'network') },
  }
}
