import { type Html, html } from './html.ts';

/**
 * Script of a form whose requests may need a proof of work. When the form is submitted, the script asks the server for
 * a challenge, solves it if there is one, and sends the form with the solution. The browser computes the solution off
 * the main thread (`crypto.subtle`), with up to four tasks in parallel. If anything fails, the form is sent without a
 * proof, and the server decides. Like the other scripts, it contains no page-specific values.
 *
 * @see https://altcha.org/docs/v2/proof-of-work/
 */
export const proofScript: Html = html`
(function(){
var field=document.querySelector('input[name=proof]'),form=field.form,busy=false,ready=false;
if(!window.fetch||!window.crypto||!crypto.subtle)return;
field.value='';
addEventListener('pageshow',function(event){if(event.persisted)field.value=''});
function bytesOf(hex){return Uint8Array.from(hex.match(/../g),function(pair){return parseInt(pair,16)})}
function hexOf(bytes){return Array.from(bytes,function(byte){return (byte+256).toString(16).slice(1)}).join('')}
function solve(parameters){
var nonce=bytesOf(parameters.nonce),salt=bytesOf(parameters.salt),next=0,threads=Math.min(4,navigator.hardwareConcurrency||2),found;
function attempt(){
if(found)return;
var counter=next++,password=new Uint8Array(nonce.length+4);
password.set(nonce);
new DataView(password.buffer).setUint32(nonce.length,counter);
return crypto.subtle.importKey('raw',password,'PBKDF2',false,['deriveBits']).then(function(key){
return crypto.subtle.deriveBits({name:'PBKDF2',hash:'SHA-256',salt:salt,iterations:parameters.cost},key,8*parameters.keyLength);
}).then(function(bits){
var derived=hexOf(new Uint8Array(bits));
if(derived.indexOf(parameters.keyPrefix)===0)found={counter:counter,derivedKey:derived};
return attempt();
});
}
return Promise.all(Array.from({length:threads},attempt)).then(function(){return found});
}
form.addEventListener('submit',function(event){
if(ready)return;
event.preventDefault();
event.stopPropagation();
if(busy)return;
busy=true;
field.value='';
var button=form.querySelector('button'),status=form.querySelector('[role=status]'),label=button.textContent;
button.textContent=field.dataset.button;
button.setAttribute('aria-disabled','true');
status.textContent=field.dataset.working;
var asset=form.elements.asset.value;
fetch(field.dataset.challenge+'?asset='+encodeURIComponent(asset),{headers:{accept:'application/json'}}).then(function(answer){
return answer.json();
}).then(function(answer){
if(answer.challenge)return solve(answer.challenge.parameters).then(function(solution){
field.value=btoa(JSON.stringify({challenge:answer.challenge,solution:solution}));
});
}).catch(function(){}).then(function(){
busy=false;
ready=form.elements.asset.value===asset;
button.textContent=label;
button.removeAttribute('aria-disabled');
status.textContent='';
form.requestSubmit();
ready=false;
});
});
})();
`;
