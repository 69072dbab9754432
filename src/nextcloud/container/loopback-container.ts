import { GenericContainer, type WaitStrategy } from 'testcontainers'

/** Readiness is asked by whoever started the container: he knows what to ask, and can be interrupted. */
const NO_WAIT: WaitStrategy = {
  waitUntilReady: () => Promise.resolve(),
  withStartupTimeout: () => NO_WAIT,
  isStartupTimeoutSet: () => true,
  getStartupTimeout: () => 0,
}

/** A container of ours: published ports listen on 127.0.0.1 only, volumes carry our labels. */
export class LoopbackContainer extends GenericContainer {
  #created: (id: string) => Promise<void> = () => Promise.resolve()

  constructor(image: string) {
    super(image)
    this.waitStrategy = NO_WAIT
  }

  /** Publishes a container's port on 127.0.0.1; without a host port on a free one. */
  withLoopbackPort(port: number, hostPort?: number): this {
    this.withExposedPorts(port)
    this.hostConfig.PortBindings = {
      ...(this.hostConfig.PortBindings as Record<string, unknown> | undefined),
      [`${port}/tcp`]: [{ HostIp: '127.0.0.1', HostPort: String(hostPort ?? 0) }],
    }
    return this
  }

  /** Calls once the container exists and before it is started, with its id. */
  withCreated(created: (id: string) => Promise<void>): this {
    this.#created = created
    return this
  }

  protected override containerCreated(id: string): Promise<void> {
    return this.#created(id)
  }

  /** A fresh volume of no name, which goes with its container. */
  withLabelledVolume(target: string, labels: Record<string, string>): this {
    this.hostConfig.Mounts = [
      ...(this.hostConfig.Mounts ?? []),
      {
        Type: 'volume',
        Source: '',
        Target: target,
        VolumeOptions: { NoCopy: false, Labels: labels, DriverConfig: { Name: 'local', Options: {} } },
      },
    ]
    return this
  }
}
