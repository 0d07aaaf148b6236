import { askServer } from '../../dist/http/control-socket.js';
import type { Service } from './service.js';

/** What an account may do. */
export interface Rights {
  readonly scope: 'read' | 'write' | 'admin';
  readonly prefix: string;
}

/** Who has the file, and makes users without a token. */
export interface Owner {
  /** Makes a user, and gives its token. */
  token(rights: Rights): Promise<string>;
  /** Makes a user of this name, where there is none. */
  ensure(username: string, rights: Rights & { readonly token?: string }): Promise<void>;
}

let made = 0;

export function ownerOf({ db }: Pick<Service, 'db'>): Owner {
  async function make(username: string, rights: Rights): Promise<{ status: number; token: string }> {
    const reply = await askServer(db, 'POST', '/user', JSON.stringify({ username, ...rights }));
    if (reply === undefined) throw new Error(`no server has ${db}`);
    const { token } = JSON.parse(reply.body) as { token: string };
    return { status: reply.status, token };
  }

  return {
    async token(rights) {
      const { status, token } = await make(`user${++made}`, rights);
      if (status !== 201) throw new Error(`${status} for a user`);
      return token;
    },
    async ensure(username, rights) {
      const { status } = await make(username, rights);
      if (status !== 201 && status !== 409) throw new Error(`${status} for the user ${username}`);
    },
  };
}
